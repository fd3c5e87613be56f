/** The servers behind the API: how they are, what to do about them, and which of them is asked. */
import type { State } from '../../state/backends.ts'
import type { connect as english, Places, Trouble } from '../en/connect.ts'

const zhAdvice: Record<Trouble, (places: Places) => string> = {
  unreachable: ({ address }) => `该地址没有响应。请启动该服务，或更正${address}。`,
  timeout: ({ address }) =>
    `3 秒内没有响应。它可能正在加载模型或过于繁忙，其日志中有更多信息。如果它在别处运行，请更正${address}。`,
  key: ({ key }) => `它不接受该密钥。请更正${key}。`,
  model: ({ model }) => `它提供的是其他模型。请将${model}设为它列出的模型之一。`,
  refused: ({ address }) =>
    `该地址有响应，但不是所需的服务。请检查${address}是否指向正确的服务，结尾是否正确（策略模型通常以 /v1 结尾）。`,
  error: ({ address }) =>
    `它有响应，但不正常。其日志可能说明原因。如果不是正确的服务，请更正${address}。`,
}

const zhStates: Record<State, string> = {
  well: '就绪',
  trouble: '需要处理',
  checking: '正在检查…',
  unknown: '尚未检查',
  login: '需要 API 密钥',
}

export const connect: typeof english = {
  title: '连接',
  lead: '工作由两个服务完成：一个写作，一个打分。以下是它们当前的状态。',
  policy: '策略模型',
  policyAbout: '写出回答、批评和改写。',
  reward: '奖励模型',
  rewardAbout: '给每个回答一个分数。',

  states: zhStates,
  test: '测试',
  testOf: (server) => `测试 ${server}`,

  configured: '由服务器配置',
  own: '仅在此浏览器中',
  reached: '可访问',
  reachedIn: (time) => `是，${time}`,
  key: '密钥',
  keyTaken: '已接受',
  keyRefused: '被拒绝',
  model: '模型',
  loaded: '已加载模型',
  notServed: '未提供',
  context: '上下文',
  contextOf: (tokens) => `${tokens} 个 token`,
  runsOn: '计算类型',
  speaks: '协议',
  yes: '是',
  no: '否',
  notTold: '未告知',

  advice: zhAdvice,
  serverPlaces: (role) => {
    const prefix = `TPO_${role.toUpperCase()}`
    return { address: ` ${prefix}_BASE_URL`, key: ` ${prefix}_API_KEY`, model: ` ${prefix}_MODEL ` }
  },
  ownPlaces: { address: '它的地址', key: '它的密钥', model: '模型' },
  detail: 'API 的说明',
  see: '查看服务状态',

  use: '用于接下来的运行',
  used: '已用于接下来的运行',
  writes: '写作模型',
  criticises: '批评模型',
  firstModel: (model) => (model === null ? '由服务器选择' : `${model} · 默认`),
  sameModel: '与写作模型相同',

  add: '添加端点',
  addAbout: '任何兼容 OpenAI 的服务。地址和密钥只保存在此浏览器中，密钥只随你自己的请求发送。',
  address: '地址',
  addressWrong:
    '以 http:// 或 https:// 开头的地址，不含登录信息、?、#、% 或 ;，例如 http://gpu:8000/v1',
  endpointKey: 'API 密钥（如果需要）',
  keyWrong: '密钥是一个不含空格的词。',
  save: '添加并测试',
  remove: '移除',
  removeOf: (server) => `移除 ${server}`,
  noKey: '无密钥',
  keyEnding: (end) => `密钥 ••••${end}`,
  urlsOff: '此处未开放其他端点。服务器的运营者可以允许：TPO_ALLOWED_POLICY_URLS。',

  login: '登录',
  logout: '退出登录',
  loginTitle: '此服务器需要 API 密钥',
  loginAbout: '请向其运营者索取。密钥保存在此浏览器中，只发送到此服务器。',
  apiKey: 'API 密钥',
  remember: '在此设备上记住',
  wrongKey: '服务器不接受此密钥。请检查是否缺少或多出字符。',
  notNow: '暂不',
  loggedIn: '你已使用 API 密钥登录。',
  loggedOut: '此服务器在执行任何操作之前都需要 API 密钥。',
}
