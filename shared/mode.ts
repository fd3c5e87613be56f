import { z } from 'zod'

/** What a run does after its first answers. */
export const Mode = z.enum(['tpo', 'revision', 'bon']).meta({ id: 'Mode' })
export type Mode = z.infer<typeof Mode>
