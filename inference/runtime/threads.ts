import { availableParallelism } from 'node:os'

/** Threads past this number cost more than they bring to one short sequence. */
const maxDefaultThreads = 16

/** CPU threads of one model: as many as asked for, or all cores and no more than 16. */
export const cpuThreads = (asked: number | undefined): number =>
  asked ?? Math.min(availableParallelism(), maxDefaultThreads)
