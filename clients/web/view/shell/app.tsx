import type { FunctionComponent } from 'preact'
import { useErrorBoundary } from 'preact/hooks'
import { route, type Tab } from '../../state/route.ts'
import { words } from '../../words/index.ts'
import { Optimize } from '../compose/optimize.tsx'
import { LoginDialog } from '../connect/login-dialog.tsx'
import { lazy } from '../parts/lazy.tsx'
import { TopBar } from './top-bar.tsx'

const views: Record<Tab, FunctionComponent> = {
  optimize: Optimize,
  batch: lazy(async () => (await import('../batch/batch-view.tsx')).BatchView),
  history: lazy(async () => (await import('../library/history.tsx')).History),
  connect: lazy(async () => (await import('../connect/connect.tsx')).Connect),
}

export function App() {
  const { tab } = route.value
  return (
    <div class="page">
      <TopBar />
      <main>
        <Guarded key={tab} view={views[tab]} />
      </main>
      <LoginDialog />
    </div>
  )
}

/** A fault of one tab stays in that tab. */
function Guarded({ view: View }: { view: FunctionComponent }) {
  const [crash] = useErrorBoundary()
  if (crash === undefined) return <View />
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{words.value.shell.crashed}</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {words.value.shell.reload}
      </button>
    </div>
  )
}
