/** Which part of the page is shown; it stands behind the `#` of the address. */
import { signal } from '@preact/signals'

export const tabs = ['optimize', 'batch', 'history', 'connect'] as const
export type Tab = (typeof tabs)[number]

export interface Route {
  readonly tab: Tab
  /** The id of the run that is shown; never its cursor. */
  readonly run: string | null
}

export const addressOf = ({ tab, run }: Route): string =>
  run !== null ? `#/run/${encodeURIComponent(run)}` : tab === 'optimize' ? '#/' : `#/${tab}`

function routeOf(hash: string): Route {
  const [, first = '', second = ''] = hash.split('/')
  if (first === 'run' && second !== '') return { tab: 'optimize', run: decodeURIComponent(second) }
  return { tab: tabs.find((tab) => tab === first) ?? 'optimize', run: null }
}

export const route = signal<Route>(routeOf(location.hash))
addEventListener('hashchange', () => {
  route.value = routeOf(location.hash)
})
