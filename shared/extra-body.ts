import { z } from 'zod'

/** Levels of lists and objects; what reads and writes JSON here goes one call deeper for each. */
const deepest = 64

const fits = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => fits(inner, levels - 1)))

/** Fields of a server's own. */
export const ExtraBody = z
  .record(z.string(), z.unknown())
  .refine((fields) => fits(fields, deepest), `must not nest deeper than ${deepest} levels`)
