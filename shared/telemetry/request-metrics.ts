import type { Problem } from '../problems.ts'
import { counter, histogram, level } from './measured.ts'
import { attribute, metric } from './names.ts'

/** As the conventions want them, and on to where long runs end. */
const seconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300, 600,
]

const duration = histogram(metric.requestDuration, seconds, {
  description: 'Seconds from a request until its answer is whole',
  unit: 's',
})
const active = level(metric.activeRequests, {
  description: 'Requests under way',
  unit: '{request}',
})
const problems = counter(metric.problems, { description: 'Problems answered, by their code' })

export interface EndedRequest {
  /** The pattern, never what was asked for; undefined where there is none. */
  route: string | undefined
  /** Undefined where the caller left. */
  status: number | undefined
  problem: Problem | undefined
}

/** Counts a request from now on; what it gives is called once at its end. */
export function requestBegins(method: string): (ended: EndedRequest) => void {
  const began = performance.now()
  const ofMethod = { [attribute.method]: method }
  active(1, ofMethod)
  return ({ route, status, problem }) => {
    const ofRoute = { ...ofMethod, ...(route !== undefined && { [attribute.route]: route }) }
    active(-1, ofMethod)
    duration((performance.now() - began) / 1000, {
      ...ofRoute,
      ...(status === undefined ? { [attribute.cancelled]: true } : { [attribute.status]: status }),
    })
    if (status !== undefined && problem !== undefined) {
      problems(1, { ...ofRoute, [attribute.problem]: problem.code })
    }
  }
}
