import './content-policy.ts'
import { render } from 'preact'
import { followAddress } from './state/address.ts'
import { applyTheme } from './state/preferences.ts'
import { findRewardModel } from './state/reward-model.ts'
import { App } from './view/shell/app.tsx'
import { applyLanguage } from './words/index.ts'

applyTheme()
applyLanguage()
followAddress()
findRewardModel()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
