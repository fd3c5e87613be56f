import type { Brief } from './grade.ts'
import type { Scenario } from './scenario.ts'

/** A request with everything a program knows about it. */
export interface Task {
  readonly scenario: Scenario
  readonly brief: Brief
}
