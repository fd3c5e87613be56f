import { useErrorBoundary } from 'preact/hooks'
import type { RunStore } from '../run-store.ts'
import { texts } from '../texts.ts'
import { Announcer } from './announcer.tsx'
import { Composer } from './composer.tsx'
import { HowItWorks } from './how-it-works.tsx'
import { Mark } from './mark.tsx'
import { RunView } from './run-view.tsx'

export function App({ store }: { store: RunStore }) {
  const [crash] = useErrorBoundary()
  return (
    <div class="page">
      <header class="top">
        <span class="brand">
          <Mark />
          {texts.name}
        </span>
        <a href="/docs">{texts.docs}</a>
      </header>
      <main>{crash === undefined ? <Workspace store={store} /> : <Crash />}</main>
    </div>
  )
}

function Workspace({ store }: { store: RunStore }) {
  return (
    <>
      <div class="start">
        <div>
          <div class="intro">
            <h1>{texts.headline}</h1>
            <p>{texts.lead}</p>
          </div>
          <Composer store={store} />
        </div>
        <HowItWorks aside={store.status.value !== 'idle'} />
      </div>
      {store.status.value !== 'idle' && <RunView store={store} />}
      <Announcer store={store} />
    </>
  )
}

function Crash() {
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{texts.crashed}</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {texts.reload}
      </button>
    </div>
  )
}
