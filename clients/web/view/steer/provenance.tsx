import { useRef } from 'preact/hooks'
import type { RewardDetail } from '../../../../shared/client.ts'
import { formatCount, placeName } from '../../../common/format.ts'
import type { RunNode, RunRecord } from '../../../common/record.ts'
import { nodeOf, pathTo, scoredAnswers } from '../../../common/tree.ts'
import { rewardModel } from '../../state/backends.ts'
import { provenance } from '../../state/sheets.ts'
import { words } from '../../words/index.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { rankOf, readPieces } from './reading.ts'

interface ProvenanceProps {
  record: RunRecord
  /** The branch in view. */
  path: readonly RunNode[]
  /** The position of the score step. */
  node: string
  index: number
}

/** Where a reward comes from: who gave it, for which text, and where it stands. */
export function Provenance({ record, path, node: id, index }: ProvenanceProps) {
  const text = words.value.steer
  const node = nodeOf(record, id)
  const candidate = node.step?.candidates?.find((entry) => entry.index === index)
  if (node.step === null || candidate?.reward === undefined) return null
  const { reward, reward_detail: detail } = candidate
  const branch = path.includes(node) ? path : pathTo(record, node)
  const server = rewardModel.value
  const facts: [string, string | null | undefined][] = [
    [text.reward, String(reward)],
    [text.rankInIteration, rank(reward, [node])],
    [text.rankInRun, rank(reward, branch)],
    [text.model, record.request.reward?.model ?? server?.model],
    [
      text.server,
      server && [server.server, server.provider, server.dtype].filter(Boolean).join(', '),
    ],
    [text.length, detail && formatCount(detail.tokens)],
    [text.truncated, detail && (detail.truncated ? text.cut(detail.tokens_cut) : text.whole)],
  ]
  return (
    <Sheet
      title={text.provenance}
      aside={<span class="place">{placeName(node.step.iteration, index)}</span>}
      close={() => {
        provenance.value = null
      }}
    >
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value != null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        {detail?.pooled_token !== undefined && (
          <div>
            <dt>{text.pooled}</dt>
            <dd>
              <code>{detail.pooled_token.text}</code>{' '}
              {text.pooledAt(detail.pooled_token.position, detail.pooled_token.id)}
            </dd>
          </div>
        )}
      </dl>
      {detail?.rendered === undefined ? (
        <div class="unexplained">
          <h3>{text.unexplained}</h3>
          <p>
            {server !== null && server.speaks !== 'tpo'
              ? text.unexplainedServer(server.speaks)
              : text.unexplainedRun}
          </p>
        </div>
      ) : (
        <Reading detail={detail} rendered={detail.rendered} />
      )}
    </Sheet>
  )
}

/** Among all answers that were scored there. */
const rank = (reward: number, nodes: readonly RunNode[]) => {
  const rewards = scoredAnswers(nodes).map((answer) => answer.reward)
  return words.value.steer.rank(rankOf(reward, rewards), rewards.length)
}

function Reading({ detail, rendered }: { detail: RewardDetail; rendered: string }) {
  const text = words.value.steer
  const shown = useRef<HTMLPreElement>(null)
  return (
    <section class="reading" aria-label={text.read}>
      <h3>{text.read}</h3>
      <p class="hint">{text.readAbout}</p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <pre ref={shown} tabIndex={0}>
        {readPieces(rendered, detail).map(({ text: piece, kind }) =>
          kind === 'text' ? piece : <mark class={`is-${kind}`}>{piece}</mark>,
        )}
      </pre>
      <CopyButton text={rendered} shown={shown} />
    </section>
  )
}
