/** What is opened on top of a run, and nothing where it is null. */
import { signal } from '@preact/signals'

/** An iteration of the branch in view. */
export const anatomy = signal<number | null>(null)

/** A reward: that of a candidate of the score step which came to this position. */
export const provenance = signal<{ readonly node: string; readonly index: number } | null>(null)

/** Two positions. */
export const comparison = signal<{ readonly one: string; readonly other: string } | null>(null)
