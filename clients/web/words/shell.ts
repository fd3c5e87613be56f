/** The frame of the page, and what can go wrong anywhere. */
export const en = {
  name: 'tpo-edge',
  docs: 'API',
  language: 'Language',
  theme: 'Colours',
  themes: { auto: 'System colours', light: 'Light', dark: 'Dark' },
  tabs: { optimize: 'Optimize', batch: 'Batch', history: 'History', connect: 'Connect' },

  noConnection: 'The API cannot be reached',
  noConnectionDetail:
    'The connection to the API was refused or broke off. See whether `npm start` is still running.',
  unexpected: 'The API gave an answer this page does not understand',
  unexpectedDetail: 'Reload the page; if that does not help, the log of the API says more.',
  crashed: 'The page ran into a fault of its own',
  reload: 'Reload the page',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Selected, press Ctrl/⌘ + C',
}

export const zh: typeof en = {
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
