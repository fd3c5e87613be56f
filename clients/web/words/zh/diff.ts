/** Two texts compared. */
import type { diff as english } from '../en/diff.ts'

export const diff: typeof english = {
  added: ' 新增：',
  removed: ' 删除：',
  same: '一字未改。',
  tooDifferent: '两段文字差别太大，无法逐词比较。',
}
