/** What a person reads of it: one column for each backend, and what to do under it. */
import { styleText } from 'node:util'
import type { BackendsAnswer, BackendStatus } from '../../../shared/client.ts'
import { formatCount } from '../../common/format.ts'
import { printable, tableLines, wrapped } from '../text.ts'
import type { Finding, Probe } from './probe.ts'

export interface Checkup extends BackendsAnswer {
  /** Null where it was not asked for. */
  probe: Probe | null
}

/** Between columns. */
const gap = 2
const indent = '  '
const narrowest = 40
const widest = 100

const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
const dim = (text: string) => styleText('dim', text, { stream: process.stdout })

const names: Record<Finding['role'], string> = {
  policy: 'policy',
  reward: 'reward model',
  api: 'API',
}

/** Lines of at most `width` columns. */
export function reportLines({ ok, backends, probe }: Checkup, width: number): string {
  const room = Math.min(Math.max(width, narrowest), widest)
  const troubles = backends.filter((backend) => !backend.ok)
  const remedies = [...troubles, ...(probe?.findings ?? [])].map(({ role, detail }) =>
    remedy(names[role], detail, room),
  )
  const verdict = ok ? 'Runs work. Worth knowing:' : 'Not everything is well:'
  return [
    ...table(backends, probe, room),
    '',
    ...(remedies.length === 0 ? ['Everything is well.'] : [verdict, ...remedies.flat()]),
    ...(probe === null || probe.tokens === 0
      ? []
      : [dim(`The trial took ${formatCount(probe.tokens)} tokens.`)]),
    '',
  ].join('\n')
}

function remedy(name: string, detail: string, width: number): string[] {
  const [first = '', ...rest] = wrapped(`${name}: ${printable(detail)}`, width - indent.length)
  return [`${bold(first.slice(0, name.length))}${first.slice(name.length)}`, ...rest].map(
    (line) => `${indent}${line}`,
  )
}

type Row = [label: string, of: (backend: BackendStatus) => string]

const told = (value: boolean | null, yes: string, no: string) =>
  value === null ? '?' : value ? yes : no

const yesNo = (value: boolean | null) => told(value, 'yes', 'no')

const facts = (findings: readonly Finding[]): Row[] => [
  ['', ({ role }) => names[role]],
  ['server', ({ server }) => server],
  ['speaks', ({ speaks }) => speaks],
  [
    'reached',
    ({ reachable, latency_ms }) =>
      latency_ms === null ? yesNo(reachable) : `yes, ${formatCount(latency_ms)} ms`,
  ],
  // A list of models may be open to all, and the models not.
  ['key', ({ role, authorised }) => (refusesKey(findings, role) ? 'no' : yesNo(authorised))],
  [
    'model',
    ({ model, model_present }) =>
      model === null ? '?' : `${model}${model_present === false ? ' (not served)' : ''}`,
  ],
  [
    'context',
    ({ context_length: length }) => (length === null ? '?' : `${formatCount(length)} tokens`),
  ],
  ['computes in', ({ dtype, provider }) => [dtype, provider].filter(Boolean).join(' on ') || '?'],
]

const refusesKey = (findings: readonly Finding[], role: BackendStatus['role']) =>
  findings.some(
    (finding) => finding.role === role && [401, 403].includes(finding.upstream_status ?? 0),
  )

const untried = 'not tried'

function tried({ answers, tokens_per_second, seeds, n, scores }: Probe): Row[] {
  const pace =
    tokens_per_second === null ? '' : `, ${formatCount(Math.round(tokens_per_second))} tokens/s`
  const rewards = scores === null ? untried : scores ? 'scores' : 'fails'
  const row = (label: string, policys: string, rewards: string): Row => [
    label,
    ({ role, ok }) => (role === 'reward' ? rewards : ok ? policys : untried),
  ]
  return [
    row('trial', told(answers, `answers${pace}`, 'fails'), rewards),
    row('seeds', told(seeds, 'honoured', 'not honoured'), ''),
    row('n', told(n, 'honoured', 'not honoured'), ''),
  ]
}

function table(backends: readonly BackendStatus[], probe: Probe | null, width: number): string[] {
  const rows = [...facts(probe?.findings ?? []), ...(probe === null ? [] : tried(probe))]
  const labels = Math.max(...rows.map(([label]) => label.length))
  const room = Math.floor((width - labels) / backends.length) - gap
  const [head = '', ...lines] = tableLines(
    rows.flatMap(([label, of]) => high(label, backends.map(of), room)),
  )
  return [bold(head), ...lines]
}

/** A row as so many as its highest cell has lines. */
function high(label: string, cells: readonly string[], width: number): string[][] {
  const parts = cells.map((cell) => wrapped(printable(cell), width))
  const height = Math.max(...parts.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) => [
    line === 0 ? label : '',
    ...parts.map((part) => part[line] ?? ''),
  ])
}
