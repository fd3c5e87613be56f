/** Whether answers grow, and whether that is what is rewarded. */
import { formatCount, formatGain, formatRough } from '../../../common/format.ts'
import type { Evaluation } from '../../evaluation/evaluation.ts'
import { lengthFinding } from '../../evaluation/findings.ts'
import type { Markup } from '../html.ts'
import { scatter } from '../plot/scatter.ts'
import { armTitle, gainOver, levels, lookOf, named, type Sides } from '../../evaluation/sides.ts'
import { spoken } from './iterations.ts'
import { figure, figures, section } from './section.ts'

/** More dots only cover each other. */
const mostDots = 1000

export function lengthPart(evaluation: Evaluation, sides: Sides): Markup {
  const finding = lengthFinding(evaluation, sides)
  return section({
    title: 'Length',
    says: finding?.text ?? null,
    warns: finding?.warns ?? false,
    content: figures(lengthByIteration(evaluation, sides), gainsByLength(evaluation, sides)),
  })
}

const characters = (count: number) => formatCount(Math.round(count))

function lengthByIteration({ iterations }: Evaluation, sides: Sides): Markup | null {
  if (iterations.length < 2) return null
  return figure(
    'Characters by iteration',
    spoken('Characters', {
      curves: [
        {
          name: 'all answers',
          look: 'is-own',
          points: iterations.map((one) => one.characters),
          band: true,
        },
      ],
      levels: levels(sides).map((arm) => ({
        name: armTitle(arm),
        look: lookOf(sides, arm),
        value: arm.characters.value,
      })),
      format: characters,
      tick: formatRough,
    }),
  )
}

function gainsByLength({ per_question }: Evaluation, sides: Sides): Markup | null {
  if (per_question.length < 3) return null
  const every = Math.ceil(per_question.length / mostDots)
  const { name } = sides.rival
  const dots = per_question.flatMap((question, at) => {
    const x = gainOver(question, sides, name, 'characters')
    const y = gainOver(question, sides, name)
    if (x === null || y === null || at % every > 0) return []
    return [{ x, y, title: `${question.id}: ${formatGain(y)} reward, ${signed(x)} characters` }]
  })
  const title = `Gain in reward against gain in length, over ${named(sides.rival)}`
  return figure(
    title,
    scatter({
      about: `${title}: a dot for each of ${dots.length} questions`,
      dots,
      xTitle: 'gain in characters',
      yTitle: 'gain in reward',
      xTick: (value) => (value === 0 ? '0' : signed(value)),
    }),
  )
}

const signed = (count: number) =>
  `${count < 0 ? '\u2212' : '+'}${formatCount(Math.round(Math.abs(count)))}`
