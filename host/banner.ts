import type { Settings } from '../shared/settings.ts'

const example = "Write a short email that reminds attendees of Friday's workshop"

interface Start {
  /** Where the API is reached, without a slash at the end. */
  url: string
  seconds: number
  /** What is not well, each in a sentence. */
  troubles: readonly string[]
  settings: Settings
}

/** What a person sees when everything is ready. */
export function banner({ url, seconds, troubles, settings }: Start): string {
  const json = JSON.stringify({ query: example }).replaceAll("'", "'\\''")
  const own =
    settings.policy_base_url === undefined
      ? `
Your own models
  TPO_POLICY_BASE_URL=http://gpu:8000/v1 TPO_POLICY_API_KEY=… TPO_REWARD_MODEL=org/reward-model npm start
`
      : ''
  const jobs = settings.queue_url === undefined ? '' : `\n  Jobs       ${url}/v1/tpo/jobs`
  const warnings = troubles.map((trouble) => `\n  ! ${trouble}`).join('')
  return `
TPO is ready (${seconds.toFixed(1)} s)${warnings}

  Page       ${url}
  API docs   ${url}/docs${jobs}

Try it
  npm run tpo -- run --api ${url} "${example}"

  curl ${url}/v1/tpo/run -H 'content-type: application/json' \\
    -d '${json}'
${own}
Ctrl-C stops everything.
`
}

interface WorkerStart {
  /** Where its health and metrics are. */
  url: string
  queueHost: string
  settings: Settings
}

/** Says that a worker works, where a person started it and not another process. */
export function tellWorkerStart({ url, queueHost, settings }: WorkerStart): void {
  if (process.send !== undefined) return
  console.log(
    `tpo: the worker takes questions of jobs from Redis at ${queueHost}, ${settings.job_concurrency} at a time; its health and metrics are at ${url} (/readyz, /metrics); Ctrl-C ends it`,
  )
}
