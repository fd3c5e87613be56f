/** The servers behind the API: how they are, what to do about them, and which of them is asked. */
import type { State } from '../../state/backends.ts'

/** What can be wrong with one of them. */
export type Trouble = 'unreachable' | 'timeout' | 'key' | 'model' | 'refused' | 'error'

/** Where its settings are: on the server, or in this browser. */
export interface Places {
  readonly address: string
  readonly key: string
  readonly model: string
}

const advice: Record<Trouble, (places: Places) => string> = {
  unreachable: ({ address }) => `Nothing answers there. Start that server, or correct ${address}.`,
  timeout: ({ address }) =>
    `It did not answer within 3 seconds. It may be loading a model or have too much to do; its log says more. If it runs elsewhere, correct ${address}.`,
  key: ({ key }) => `It does not accept the key. Correct ${key}.`,
  model: ({ model }) => `It serves other models. Set ${model} to one of those it lists.`,
  refused: ({ address }) =>
    `Something answers there, but not what is needed. Check that ${address} leads to the right server and ends as it wants it (for a policy usually in /v1).`,
  error: ({ address }) =>
    `It answers, but not as it should. Its log may say why. If it is not the right server, correct ${address}.`,
}

const states: Record<State, string> = {
  well: 'Ready',
  trouble: 'Needs attention',
  checking: 'Checking…',
  unknown: 'Not checked yet',
  login: 'API key needed',
}

export const connect = {
  title: 'Connections',
  lead: 'Two servers do the work: one writes, one scores. This is how they are now.',
  policy: 'Policy',
  policyAbout: 'Writes the answers, the critique and the rewrites.',
  reward: 'Reward model',
  rewardAbout: 'Gives every answer its number.',

  states,
  test: 'Test',
  testOf: (server: string) => `Test ${server}`,

  configured: 'set up on the server',
  own: 'only in this browser',
  reached: 'Reached',
  reachedIn: (time: string) => `yes, in ${time}`,
  key: 'Key',
  keyTaken: 'accepted',
  keyRefused: 'refused',
  model: 'Model',
  loaded: 'Loaded model',
  notServed: 'not served',
  context: 'Context',
  contextOf: (tokens: string) => `${tokens} tokens`,
  runsOn: 'Computes in',
  speaks: 'Speaks',
  yes: 'yes',
  no: 'no',
  notTold: 'not told',

  advice,
  serverPlaces: (role: 'policy' | 'reward'): Places => {
    const prefix = `TPO_${role.toUpperCase()}`
    return { address: `${prefix}_BASE_URL`, key: `${prefix}_API_KEY`, model: `${prefix}_MODEL` }
  },
  ownPlaces: { address: 'its address', key: 'its key', model: 'the model' },
  detail: 'What the API says',
  see: 'See how the servers are',

  use: 'Use for the next runs',
  used: 'Used for the next runs',
  writes: 'Model that writes',
  criticises: 'Model that criticises',
  firstModel: (model: string | null) =>
    model === null ? "The server's own choice" : `${model} · default`,
  sameModel: 'The same one',

  add: 'Add an endpoint',
  addAbout:
    'Any OpenAI-compatible server. Address and key stay in this browser; the key goes along with your own requests only.',
  address: 'Address',
  addressWrong:
    'An http:// or https:// address without a login, ?, #, % or ;, such as http://gpu:8000/v1',
  endpointKey: 'API key, if it wants one',
  keyWrong: 'A key is one word without spaces.',
  save: 'Add and test',
  remove: 'Remove',
  removeOf: (server: string) => `Remove ${server}`,
  noKey: 'no key',
  keyEnding: (end: string) => `key ••••${end}`,
  urlsOff:
    'Other endpoints are off here. The operator of this server can allow them: TPO_ALLOWED_POLICY_URLS.',

  login: 'Log in',
  logout: 'Log out',
  loginTitle: 'This server asks for an API key',
  loginAbout:
    'Its operator can give you one. It stays in this browser and is sent to this server only.',
  apiKey: 'API key',
  remember: 'Remember on this device',
  wrongKey: 'The server does not accept this key. Look for a missing or an extra character.',
  notNow: 'Not now',
  loggedIn: 'You are logged in with an API key.',
  loggedOut: 'This server asks for an API key before it does anything.',
}
