import './content-policy.ts'
import { render } from 'preact'
import { followAddress } from './state/address.ts'
import { watchBackends } from './state/backends.ts'
import { currentRun } from './state/current-run.ts'
import { applyTheme } from './state/preferences.ts'
import { App } from './view/shell/app.tsx'
import { applyLanguage } from './words/index.ts'

applyTheme()
followAddress()
watchBackends(currentRun.failure)
const root = document.getElementById('app')
if (root !== null) void applyLanguage().then(() => render(<App />, root))
