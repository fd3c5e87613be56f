import { hash } from './random.ts'

/**
 * Which texts may be used: those of training, or those kept back for measurement. A text is
 * held out by its hash alone, so the split never depends on order, seed or size.
 */
export type Split = 'train' | 'held'

export function isHeld(text: string, share = 0.12): boolean {
  return hash(`held:${text}`) / 4294967296 < share
}

/** The part of a pool that a split may use. A pool too small to split is shared. */
export function part<T>(pool: readonly T[], split: Split, text: (item: T) => string = String): T[] {
  const held = pool.filter((item) => isHeld(text(item)))
  if (held.length === 0 || pool.length < 8) return [...pool]
  return split === 'held' ? held : pool.filter((item) => !isHeld(text(item)))
}
