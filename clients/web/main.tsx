import './content-policy.ts'
import { render } from 'preact'
import { TpoClient } from '../../shared/client.ts'
import { createRunStore } from './run-store.ts'
import { App } from './view/app.tsx'

const root = document.getElementById('app')
if (root !== null) {
  const store = createRunStore(new TpoClient({ baseUrl: location.origin }))
  render(<App store={store} />, root)
}
