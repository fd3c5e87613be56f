/** The names of a classifier's labels. */
import { z } from 'zod'
import type { ModelFolder } from './folder.ts'

const Labels = z.object({ id2label: z.record(z.string(), z.string()) })

/** `LABEL_0`, `LABEL_1`, … where config.json names none, as in transformers. */
export function readLabels(folder: ModelFolder, count: number): string[] {
  const named = Labels.safeParse(folder.config)
  const names = named.success ? named.data.id2label : {}
  return Array.from({ length: count }, (_, index) => names[index] ?? `LABEL_${index}`)
}
