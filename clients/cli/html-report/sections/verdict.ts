/** Who won and how sure that is, before anything else. */
import { formatCount } from '../../../common/format.ts'
import type { Evaluation } from '../../evaluation/evaluation.ts'
import { caveats, headline } from '../../evaluation/headline.ts'
import { html, type Markup } from '../html.ts'
import { share, shareRange } from '../../evaluation/numbers.ts'
import { intervalRows } from '../plot/interval-rows.ts'
import {
  armTitle,
  begin,
  cannotLose,
  contestOver,
  named,
  type Sides,
} from '../../evaluation/sides.ts'

export function verdictPart(evaluation: Evaluation, sides: Sides | null): Markup {
  const { failed } = evaluation
  const { claim, detail } = headline(evaluation, sides)
  const notes = sides === null ? [] : caveats(evaluation, sides)
  const missing =
    failed.length === 0
      ? null
      : html`<li class="warns">
          ${formatCount(failed.length)} ${failed.length === 1 ? 'run' : 'runs'} failed and
          ${failed.length === 1 ? 'is' : 'are'} left out of all numbers;
          <a href="#failed">see which</a>.
        </li>`
  return html`<header class="verdict">
    <div>
      <h1>${claim}</h1>
      ${detail === null ? null : html`<p class="detail">${detail}</p>`}
      <ul class="caveats">
        ${notes.map(({ text, warns }) => html`<li class="${warns ? 'warns' : ''}">${text}</li>`)}
        ${missing}
      </ul>
      <p class="about">${about(evaluation)}</p>
    </div>
    ${sides === null ? null : winRates(evaluation, sides)}
  </header>`
}

function winRates(evaluation: Evaluation, sides: Sides): Markup | null {
  const rows = (['reward', 'judge'] as const).flatMap((by) => {
    const contest = contestOver(evaluation, sides.rival.name, by)
    return contest === undefined || (by === 'reward' && cannotLose(sides))
      ? []
      : [
          {
            name: by,
            look: by === 'reward' ? 'is-own' : 'is-judge',
            interval: contest.win_rate,
            text: `${share(contest.win_rate.value)} (${shareRange(contest.win_rate)})`,
          },
        ]
  })
  if (rows.length === 0) return null
  const title = `${begin(armTitle(sides.own))} wins over ${named(sides.rival)}`
  const spoken = rows.map(({ name, text }) => `${name} ${text}`).join(', ')
  return html`<figure>
    <figcaption>${title}</figcaption>
    ${intervalRows({
      about: `${title}: ${spoken}`,
      rows,
      title: 'share of questions, a tie as half',
      axisOf: (left, right) => {
        const place = (value: number) => left + value * (right - left)
        return {
          place,
          ticks: [0, 0.25, 0.5, 0.75, 1].map((value) => ({ value, at: place(value) })),
        }
      },
      tick: share,
      divide: 0.5,
    })}
  </figure>`
}

const modes = { tpo: 'TPO', revision: 'revision', bon: 'best-of-N' } as const

/** Everything that was set, in one line. */
function about({ models, settings, questions, repetitions, made_at }: Evaluation): Markup[] {
  const { mode, samples, iterations, seed, temperature } = settings
  const facts = [
    `policy ${models.policy ?? 'unknown'}`,
    `reward ${models.reward ?? 'unknown'}`,
    ...(models.judge === null ? [] : [`judge ${models.judge}`]),
    `${modes[mode]} with ${counted(samples, 'sample')}${mode === 'bon' ? '' : ` and ${counted(iterations, 'iteration')}`}`,
    `temperature ${temperature}`,
    `seed ${seed}`,
    counted(questions, 'question'),
    ...(repetitions === 1 ? [] : [`${repetitions} repetitions`]),
    made_at.slice(0, 10),
  ]
  return facts.map((fact, at) => html`<span>${fact}${at < facts.length - 1 ? ' ·' : ''}</span> `)
}

const counted = (count: number, thing: string) =>
  `${formatCount(count)} ${count === 1 ? thing : `${thing}s`}`
