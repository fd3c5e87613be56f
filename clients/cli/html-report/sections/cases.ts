/** Where most was gained and most was lost, in full. */
import { diffWords } from 'diff'
import { formatCount, formatGain, formatReward } from '../../../common/format.ts'
import type { ArmFigures, ArmName, Case, Evaluation } from '../../evaluation/evaluation.ts'
import { excerpt, printable } from '../../text.ts'
import { html, type Markup, type Part } from '../html.ts'
import { armTitle, begin, levels, lookOf, type Sides } from '../../evaluation/sides.ts'
import { section } from './section.ts'

/** Of one text, so that the report stays a small file. */
const mostCharacters = 12_000
/** Beyond it two texts have too little in common to be shown as one. */
const mostEdits = 1500

export function casesPart({ best_cases, worst_cases }: Evaluation, sides: Sides): Markup[] {
  const parts = [
    { title: 'Where most was gained', cases: best_cases },
    { title: 'Where least was gained, or most lost', cases: worst_cases },
  ]
  return parts.flatMap(({ title, cases }) =>
    cases.length === 0
      ? []
      : [section({ title, says: null, content: cases.map((one, at) => caseOf(one, at, sides)) })],
  )
}

function caseOf(one: Case, at: number, sides: Sides): Markup {
  const shown = [...levels(sides)].toReversed().concat(sides.own)
  return html`<details class="case" ${at === 0 ? html`open` : null}>
    <summary>
      <span class="gain ${one.gain < 0 ? 'lost' : ''}">${formatGain(one.gain)}</span>
      <span class="asked" dir="auto">${excerpt(printable(one.question), 150, 1)}</span>
      <span class="id">${one.id}</span>
    </summary>
    <div class="text question" dir="auto">${clipped(one.question)}</div>
    <div class="answers">${shown.map((arm) => answerOf(one, arm, sides))}</div>
    ${changesOf(one)} ${folded('Textual loss: the critique', one.loss)}
    ${folded('Textual gradient: the advice', one.gradient)}
  </details>`
}

function answerOf({ answers }: Case, arm: ArmFigures, sides: Sides): Markup | null {
  const answer = answers[arm.name]
  if (answer === undefined) return null
  const { text, reward, judge } = answer
  return html`<article class="${lookOf(sides, arm)}">
    <h3>
      ${begin(armTitle(arm))}
      <span class="scores"
        ><b>${formatReward(reward)}</b
        >${judge === null ? null : ` judge ${formatReward(judge)}`}</span
      >
    </h3>
    ${prose(clipped(text))}
  </article>`
}

/** White space in it counts. */
const prose = (content: Part) => html`<div class="text" dir="auto">${content}</div>`

const folded = (title: string, text: string | null) =>
  text === null
    ? null
    : html`<details class="fold">
        <summary>${title}</summary>
        ${prose(clipped(text))}
      </details>`

/** From the best of the first answers to the run's own, word by word. */
function changesOf({ answers }: Case): Markup | null {
  const [before, after] = [textOf(answers, 'first_best'), textOf(answers, 'tpo')]
  if (before === undefined || after === undefined) return null
  if (before === after) {
    return html`<p class="soft">
      No iteration brought a better answer than the best of the first.
    </p>`
  }
  const changes = diffWords(before, after, { maxEditLength: mostEdits, intlSegmenter: segmenter })
  if (changes === undefined) return null
  const parts = changes.map(({ value, added, removed }) =>
    added ? html`<ins>${value}</ins>` : removed ? html`<del>${value}</del>` : value,
  )
  return html`<details class="fold">
    <summary>What changed from the best of the first answers</summary>
    ${prose(parts)}
  </details>`
}

/** Finds the words of texts without spaces, such as Chinese. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

const textOf = (answers: Case['answers'], name: ArmName) =>
  answers[name]?.text.slice(0, mostCharacters)

function clipped(text: string): string {
  const more = text.length - mostCharacters
  return more > 0
    ? `${text.slice(0, mostCharacters)}… and ${formatCount(more)} characters more`
    : text
}
