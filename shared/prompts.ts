/** Prompts of one's own for a run: templates with named slots. */
import { z } from 'zod'
import type { Mode } from './mode.ts'

const text = z.string().max(16_000)

export const PromptTemplate = z
  .object({
    system: text.default('').describe('Left out of the call where empty'),
    user: text.min(1),
  })
  .strict()
export type PromptTemplate = z.infer<typeof PromptTemplate>

export const Prompts = z
  .object({
    loss: PromptTemplate.optional().describe(
      'Textual loss. Slots: query or question (of a conversation its last message alone), chosen, rejected; in mode revision no rejected',
    ),
    loss_single: PromptTemplate.optional().describe(
      'Textual loss with no rejected answer. Slots: query or question, chosen',
    ),
    gradient: PromptTemplate.optional().describe(
      'Textual gradient. Slots: loss; besides query, question, chosen, excerpt (its first and last ten words), loss_system and loss_user (what the loss was asked)',
    ),
    update: PromptTemplate.optional().describe(
      'New answers. Slots: gradient; besides loss and those of gradient',
    ),
    answer_tag: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/)
      .optional()
      .describe('The tag that update asks its answers to stand in: answer, if left out'),
  })
  .strict()
export type Prompts = z.infer<typeof Prompts>

/** Every slot a template can have; of each group that is required, one at least. */
interface Slots {
  required: readonly (readonly string[])[]
  others: readonly string[]
}

const request = ['query', 'question']
const compared: Slots = { required: [request, ['chosen'], ['rejected']], others: [] }
const alone: Slots = { required: [request, ['chosen']], others: [] }
const context = [...request, 'chosen', 'excerpt', 'loss_system', 'loss_user']

const templates = ['loss', 'loss_single', 'gradient', 'update'] as const
type TemplateName = (typeof templates)[number]

function slotsOf(prompts: Prompts, mode: Mode): Record<TemplateName, Slots> {
  return {
    // Where no answer is rejected, loss_single is used if it is there.
    loss: mode === 'revision' && prompts.loss_single === undefined ? alone : compared,
    loss_single: alone,
    gradient: { required: [['loss']], others: context },
    update: { required: [['gradient']], others: ['loss', ...context] },
  }
}

interface PromptIssue {
  path: string[]
  message: string
}

/** Refines the settings of a run: the templates at `place` have the slots of their mode. */
export function expectSlots(
  { prompts = {}, mode }: { prompts?: Prompts; mode: Mode },
  context: z.RefinementCtx,
  place = ['prompts'],
): void {
  for (const { path, message } of promptIssues(prompts, mode)) {
    context.addIssue({ code: 'custom', path: [...place, ...path], message })
  }
}

/** What is wrong with the slots of these prompts, from `prompts` on. */
function promptIssues(prompts: Prompts, mode: Mode): PromptIssue[] {
  const slots = slotsOf(prompts, mode)
  const issues = templates.flatMap((name) => {
    const template = prompts[name]
    return template === undefined ? [] : templateIssues(name, template, slots[name])
  })
  if (prompts.answer_tag === undefined || prompts.update !== undefined) return issues
  return [...issues, { path: ['answer_tag'], message: 'goes with update; give both' }]
}

function templateIssues(
  name: TemplateName,
  template: PromptTemplate,
  { required, others }: Slots,
): PromptIssue[] {
  const all = [...required.flat(), ...others]
  const list = all.map((slot) => `{{${slot}}}`).join(', ')
  const used = (part: 'system' | 'user') =>
    [...template[part].matchAll(/\{\{([^{}]*)\}\}/g)].map(([, slot = '']) => ({ part, slot }))
  const slots = [...used('system'), ...used('user')]
  const unknown = slots
    .filter(({ slot }) => !all.includes(slot))
    .map(({ part, slot }) => ({
      path: [name, part],
      message: `there is no slot {{${slot}}} here; there are ${list}`,
    }))
  const missing = required
    .filter((group) => !slots.some(({ slot }) => group.includes(slot)))
    .map((group) => ({
      path: [name],
      message: `the slot {{${group.join('}} or {{')}}} is missing`,
    }))
  return [...unknown, ...missing]
}
