/** The contract of jobs: many questions, worked on by an engine that outlives processes. */
import { z } from 'zod'
import { Problem } from './problems.ts'
import { expectSlots } from './prompts.ts'
import { asked, expectOneAsked, Run, runSettings } from './tpo.ts'

export const JobId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, - and _')
  .describe('Names the job among yours')

export const JobQuestion = z
  .object({
    id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Its name in the results; its place, counted from 1, if left out'),
    ...asked,
  })
  .strict()
  .superRefine(expectOneAsked)
  .meta({ id: 'JobQuestion' })
export type JobQuestion = z.infer<typeof JobQuestion>

export const JobSettings = z
  .object(runSettings)
  .strict()
  .superRefine(expectSlots)
  .meta({ id: 'JobSettings' })
export type JobSettings = z.output<typeof JobSettings>

/** How many questions a job may have. */
export const mostQuestions = 10_000

export const JobRequest = z
  .object({
    id: JobId.optional().describe(
      'Sent again with the same questions and settings it is the same job; made up if left out',
    ),
    questions: z.array(JobQuestion).min(1).max(mostQuestions),
    settings: JobSettings.prefault({}).describe('Of every run: those of /v1/tpo/start'),
  })
  .strict()
  .superRefine(({ questions }, context) => {
    const seen = new Set<string>()
    for (const [index, question] of questions.entries()) {
      const name = questionName(question, index)
      if (seen.has(name)) {
        const path = ['questions', index, 'id']
        context.addIssue({ code: 'custom', path, message: `another question is called ${name}` })
        return
      }
      seen.add(name)
    }
  })
  .meta({ id: 'JobRequest' })
export type JobRequest = z.input<typeof JobRequest>
export type JobOrder = z.output<typeof JobRequest>

/** What a question is called in the results. */
export const questionName = ({ id }: JobQuestion, index: number): string => id ?? String(index + 1)

export const JobResult = z
  .object({
    index: z.number().int().describe("The question's place in the job, from 0"),
    id: z.string(),
    run: Run.nullable().describe('The finished run; null where the question failed'),
    cursor: z
      .string()
      .nullable()
      .describe('Of the finished run, or of where it failed: to inspect, to go on from, to fork'),
    problem: Problem.nullable().describe('Why the question failed'),
  })
  .meta({ id: 'JobResult' })
export type JobResult = z.infer<typeof JobResult>

export const Job = z
  .object({
    id: JobId,
    status: z
      .enum(['running', 'finished', 'cancelled'])
      .describe('A job that is cancelled keeps the results it has'),
    questions: z.object({
      total: z.number().int(),
      done: z.number().int(),
      failed: z.number().int(),
    }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof Job>

export const JobPage = z
  .object({
    ...Job.shape,
    results: z
      .array(JobResult)
      .describe('Of the questions asked for, in their order; those under way are left out'),
    next_from: z.number().int().nullable().describe('Where the next page begins'),
  })
  .meta({ id: 'JobPage' })
export type JobPage = z.infer<typeof JobPage>

export const JobQuery = z.object({
  from: z.coerce.number().int().min(0).default(0).describe('The first question, from 0'),
  limit: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(100)
    .describe('How many questions; 0 tells how far the job is'),
})
export type JobQuery = z.input<typeof JobQuery>
