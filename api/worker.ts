/** The API on Cloudflare Workers; settings are TPO_… variables and secrets. */
import { createEdge } from './edge.ts'

export { JobQueue } from './jobs/workflows/job-queue.ts'
export { QuestionWorkflow } from './jobs/workflows/question-workflow.ts'
export { ReplayObject } from './replay/replay-object.ts'

export default { fetch: createEdge() }
