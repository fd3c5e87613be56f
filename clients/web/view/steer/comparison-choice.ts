/** Which positions can be compared, and which two are compared first. */
import type { RunNode, RunRecord } from '../../../common/record.ts'
import type { RunStore } from '../../state/runs.ts'
import { comparison } from '../../state/sheets.ts'

/** Positions at which something has just been scored. */
export const comparable = ({ nodes }: RunRecord): RunNode[] =>
  nodes.filter(({ step }) => step?.name === 'score')

export const canCompare = ({ record }: RunStore): boolean =>
  record.value !== null && comparable(record.value).length > 1

/** The branch in view beside what was scored last on another, or else beside where it began. */
export function openComparison({ record, path }: RunStore): void {
  if (record.value === null) return
  const positions = comparable(record.value)
  const inView = path.value.findLast((node) => positions.includes(node)) ?? positions.at(-1)
  const other = positions.findLast((node) => !path.value.includes(node)) ?? positions[0]
  if (inView === undefined || other === undefined) return
  const [one, two] = positions.filter((node) => node === inView || node === other)
  comparison.value = { one: (one ?? other).id, other: (two ?? inView).id }
}
