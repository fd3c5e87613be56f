/** Who takes part in an evaluation, and in which part: named and coloured the same everywhere. */
import type { ArmFigures, ArmName, Contest, Evaluation, QuestionFigures } from './evaluation.ts'

export interface Sides {
  readonly own: ArmFigures
  /** The strongest of the others. */
  readonly rival: ArmFigures
  readonly first: ArmFigures
  /** All but the run's own, the rival last. */
  readonly others: readonly ArmFigures[]
}

/** Null where nothing was answered, or nothing takes part that could be compared with. */
export function sidesOf({ arms }: Evaluation): Sides | null {
  const [first, own, rival, others] = [arms[0], arms.at(-1), arms.at(-2), arms.slice(0, -1)]
  return first === undefined || own === undefined || rival === undefined
    ? null
    : { own, rival, first, others }
}

/** The rival, and the first answer where that is another one. */
export const levels = ({ rival, first }: Sides): readonly ArmFigures[] =>
  rival === first ? [rival] : [rival, first]

export type Look = 'is-own' | 'is-rival' | 'is-rest'

export const lookOf = ({ own, rival }: Sides, { name }: ArmFigures): Look =>
  name === own.name ? 'is-own' : name === rival.name ? 'is-rival' : 'is-rest'

export const contestOver = (
  { contests }: Evaluation,
  over: ArmName,
  by: Contest['by'],
): Contest | undefined => contests.find((contest) => contest.over === over && contest.by === by)

/** A run keeps its best answer: by its own reward it cannot fall behind its own first ones. */
export const cannotLose = ({ own, rival }: Sides, over: ArmName = rival.name): boolean =>
  own.name !== over && !(own.name === 'tpo' && over === 'best_of_n')

/** Of the run's own answer over another arm's, where both are known. */
export function gainOver(
  { arms }: QuestionFigures,
  { own }: Sides,
  over: ArmName,
  by: 'reward' | 'judge' | 'characters' = 'reward',
): number | null {
  const [one, other] = [arms[own.name]?.[by], arms[over]?.[by]]
  return one == null || other == null ? null : one - other
}

/** As a part of a sentence. */
export const named = (arm: ArmFigures): string =>
  arm.name === 'first_answer' ? `the ${armTitle(arm)}` : armTitle(arm)

export const begin = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

export function armTitle({ name, samples }: Pick<ArmFigures, 'name' | 'samples'>): string {
  const titles: Record<ArmName, string> = {
    first_answer: 'first answer',
    first_best: `best of ${samples}`,
    best_of_n: `best of ${samples}`,
    tpo: 'TPO',
  }
  return titles[name]
}
