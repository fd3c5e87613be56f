/** A run as clients keep, export and import it: the tree of the positions it went through. */
import { z } from 'zod'
import { Edit, Next, Run, StartRequest, Step } from '../../shared/tpo.ts'

/** One position: the start, or what a step came to. Nothing in it ever changes. */
export const RunNode = z.object({
  /** Unique in its record. */
  id: z.string().min(1),
  /** The position whose cursor was sent; null at the start. */
  parent: z.string().nullable(),
  /** What a person changed just before the step. */
  edit: Edit.optional(),
  /** Null at the start. */
  step: Step.nullable(),
  run: Run,
  next: Next.nullable(),
  /** Continues from here; an exported one is good where it came from. */
  cursor: z.string(),
  at: z.iso.datetime(),
})
export type RunNode = z.infer<typeof RunNode>

export const RunRecord = z.object({
  format: z.literal('tpo-run'),
  version: z.literal(1),
  id: z.string().min(1),
  created_at: z.iso.datetime(),
  /** The settings it was started with. */
  request: StartRequest,
  /** The start first; a parent always before its children. */
  nodes: z.array(RunNode).min(1),
})
export type RunRecord = z.infer<typeof RunRecord>
