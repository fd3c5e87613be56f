import type { ComponentChildren } from 'preact'
import { words } from '../../words/index.ts'

/** Four small drawings of one column of answers, on a scale of reward from bottom to top. */
const drawings: readonly ComponentChildren[] = [
  <g key="sample">
    <path class="line" d="M8 12h48M8 22h38M8 32h44M8 42h30M8 52h40" />
  </g>,
  <g key="score">
    <path class="axis" d="M6 56h52" />
    <circle class="rest" cx="12" cy="44" r="4" />
    <circle class="rest" cx="22" cy="30" r="4" />
    <circle class="rest" cx="32" cy="50" r="4" />
    <circle class="rest" cx="42" cy="16" r="4" />
    <circle class="rest" cx="52" cy="36" r="4" />
  </g>,
  <g key="compare">
    <path class="axis" d="M6 56h52" />
    <path class="gap" d="M32 16v34M27 16h10M27 50h10" />
    <circle class="chosen" cx="14" cy="16" r="5" />
    <circle class="hollow" cx="50" cy="50" r="4" />
  </g>,
  <g key="rewrite">
    <path class="axis" d="M6 56h52" />
    <circle class="rest" cx="12" cy="44" r="4" />
    <circle class="rest" cx="32" cy="36" r="4" />
    <circle class="rest" cx="52" cy="24" r="4" />
    <path class="rise" d="M12 30 32 20 52 8" />
    <circle class="chosen" cx="12" cy="30" r="4" />
    <circle class="chosen" cx="32" cy="20" r="4" />
    <circle class="chosen" cx="52" cy="8" r="5" />
  </g>,
]

export function HowItWorks() {
  return (
    <section class="how" aria-labelledby="how">
      <h2 id="how">{words.value.compose.how}</h2>
      <ol>
        {words.value.compose.howSteps.map(({ title, about }, at) => (
          <li key={title}>
            <svg viewBox="0 0 64 64" aria-hidden="true">
              {drawings[at]}
            </svg>
            <div>
              <h3>{title}</h3>
              <p>{about}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
