import { candidatesCsv } from '../../../common/export/csv.ts'
import { runJson } from '../../../common/export/json.ts'
import { runMarkdown } from '../../../common/export/markdown.ts'
import { preferencesJsonl } from '../../../common/export/preferences.ts'
import { download } from '../../state/download.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { Menu } from '../parts/menu.tsx'

/** Takes the run away: whole, as a report of the branch in view, as a table, or to train on. */
export function ExportMenu({ store }: { store: RunStore }) {
  const record = store.record.value
  const shown = store.shown.value
  if (record === null || shown === null) return null
  const { export: label, exports, report } = words.value.library
  const name = `tpo-run-${record.created_at.slice(0, 10)}-${record.id.slice(0, 8)}`
  return (
    <Menu
      label={label}
      items={[
        { ...exports.json, choose: () => download(`${name}.json`, [runJson(record)]) },
        {
          ...exports.markdown,
          choose: () => download(`${name}.md`, [runMarkdown(record, shown, report)]),
        },
        { ...exports.csv, choose: () => download(`${name}.csv`, [candidatesCsv(record)]) },
        {
          ...exports.preferences,
          choose: () => download(`${name}-pairs.jsonl`, [...preferencesJsonl([record])]),
        },
      ]}
    />
  )
}
