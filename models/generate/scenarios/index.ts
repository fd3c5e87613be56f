import { Rng } from '../random.ts'
import type { Kit, Make } from '../scenario.ts'
import { announcement, change } from './announcement.ts'
import { apology } from './apology.ts'
import { deadline } from './deadline.ts'
import { invitation } from './invitation.ts'
import { reminder } from './reminder.ts'
import { request } from './request.ts'
import { thanks } from './thanks.ts'

export const scenarios: readonly (readonly [Make, number])[] = [
  [reminder, 2.2],
  [deadline, 1.3],
  [invitation, 2],
  [thanks, 1.8],
  [apology, 1.6],
  [request, 1.9],
  [announcement, 1.4],
  [change, 1],
]

/** The kit of every kind, for graders: they know the stock phrases and can so name made-up details. */
export const kits: ReadonlyMap<string, Kit> = new Map(
  scenarios.map(([make]) => {
    const scenario = make(new Rng(1), 'train')
    return [scenario.kind, scenario.kit]
  }),
)
