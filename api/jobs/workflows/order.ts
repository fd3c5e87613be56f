import { z } from 'zod'
import { JobQuestion, JobSettings } from '../../../shared/jobs.ts'
import type { QuestionOrder } from '../question.ts'

const Order = z.object({
  index: z.number().int(),
  question: JobQuestion,
  settings: JobSettings,
})

/** A question as the queue hands it out. */
export const parseOrder = (text: string | undefined): QuestionOrder | undefined =>
  text === undefined ? undefined : Order.parse(JSON.parse(text))
