import { checkAll, health } from '../../state/backends.ts'
import { askForKey } from '../../state/login.ts'
import { route } from '../../state/route.ts'
import { words } from '../../words/index.ts'

/** Asks for the API key, and looks again once it is there. */
export const login = async () => {
  if (await askForKey()) checkAll({ quiet: true })
}

/** There while the server wants a key that this browser has not. */
export function LoginButton() {
  // There, its own strip asks for it.
  if (health.value !== 'login' || route.value.tab === 'connect') return null
  return (
    <button type="button" class="button login-button" onClick={() => void login()}>
      {words.value.connect.login}
    </button>
  )
}
