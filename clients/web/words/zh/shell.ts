/** The frame of the page, and what can go wrong anywhere. */
import type { shell as english } from '../en/shell.ts'

export const shell: typeof english = {
  name: 'tpo-edge',
  docs: 'API',
  language: '语言',
  theme: '配色',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  tabs: { optimize: '优化', batch: '批量', history: '历史', connect: '连接' },

  noConnection: '无法连接 API',
  noConnectionDetail: '与 API 的连接被拒绝或中断。请确认 `npm start` 仍在运行。',
  unexpected: 'API 返回了本页面无法理解的内容',
  unexpectedDetail: '请刷新页面；如果仍然如此，API 的日志里有更多信息。',
  crashed: '页面自身出现故障',
  reload: '刷新页面',
  copy: '复制',
  copied: '已复制',
  copyByHand: '已选中，请按 Ctrl/⌘ + C',
}
