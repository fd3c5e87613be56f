/** The frame of the page, and what can go wrong anywhere. */

export const shell = {
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
