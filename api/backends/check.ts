/** The one checker of policy and reward model, behind `/readyz`, `/v1/backends` and `tpo doctor`. */
import type { BackendStatus } from '../../shared/backends.ts'
import { ProblemError, problem } from '../../shared/problems.ts'
import { type BackendName, type Finding, nothingFound, type Probed } from './probe.ts'

const patienceSeconds = 3

/** Probes one backend, for a few seconds at most. `clock` is in milliseconds. */
export async function checkBackend(
  { backend, address, probe }: Probed,
  clock: () => number,
  caller: AbortSignal,
): Promise<BackendStatus> {
  const patience = AbortSignal.timeout(patienceSeconds * 1000)
  const began = clock()
  try {
    const finding = await probe(AbortSignal.any([caller, patience]))
    return statusOf(backend, finding, clock() - began)
  } catch (error) {
    caller.throwIfAborted()
    const trouble = patience.aborted ? tooSlow(backend, address) : error
    if (!(trouble instanceof ProblemError)) throw error
    return statusOf(backend, { ...nothingFound, trouble }, clock() - began)
  }
}

function tooSlow({ role, server }: BackendName, address: string): ProblemError {
  const name = role === 'policy' ? 'policy' : 'reward model'
  return problem(
    `${role}_timeout`,
    `The ${name} at ${server} has not answered within ${patienceSeconds} s. It may be loading or overloaded; its log may say more. ${address} says where it is.`,
  )
}

/** The status that a finding amounts to. */
function statusOf(
  backend: BackendName,
  { trouble, ...finding }: Finding,
  milliseconds: number,
): BackendStatus {
  const { code, upstream_status, detail } = trouble?.problem ?? {}
  const reachable = !(code?.endsWith('_unreachable') || code?.endsWith('_timeout'))
  const refused = upstream_status === 401 || upstream_status === 403
  return {
    ...backend,
    ...finding,
    ok: trouble === undefined,
    reachable,
    authorised: refused ? false : finding.authorised,
    latency_ms: reachable ? milliseconds : null,
    trouble: code ?? null,
    detail: detail ?? summary(backend, finding),
  }
}

function summary({ server }: BackendName, finding: Omit<Finding, 'trouble'>): string {
  const { model, context_length, dtype, provider } = finding
  const parts = [
    `${model ?? 'answers'} at ${server}`,
    ...(context_length === null ? [] : [`context of ${context_length} tokens`]),
    ...[dtype, provider].filter((part) => part !== null),
  ]
  return parts.join(', ')
}
