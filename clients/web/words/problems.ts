/** What each problem code means. Details come from the API, in English. */
import { type ProblemCode, problemCodeNames, problemCodes } from '../../../shared/problems.ts'

const titles = (of: (code: ProblemCode) => string) =>
  Object.fromEntries(problemCodeNames.map((code) => [code, of(code)])) as Record<
    ProblemCode,
    string
  >

export const en = titles((code) => problemCodes[code].title)

export const zh: typeof en = {
  unreadable_request: '无法读取该请求',
  headers_too_large: '请求头过大',
  request_timeout: '请求发送超时',
  invalid_json: '请求正文不是有效的 JSON',
  invalid_request: '请求中有错误的字段',
  host_not_allowed: '不允许此主机或来源',
  url_not_allowed: '不允许使用此地址',
  unauthorized: '需要 API 密钥',
  not_found: '此地址没有内容',
  model_not_found: '这里没有提供该模型',
  method_not_allowed: '此地址需要其他请求方法',
  unsupported_media_type: '请求正文必须是 JSON',
  body_too_large: '请求正文过大',
  cursor_invalid: '无法读取游标',
  cursor_expired: '游标已过期',
  cursor_foreign: '游标来自别处',
  cursor_too_new: '游标的版本较新',
  run_too_large: '运行过大，游标容纳不下',
  run_finished: '运行已经结束',
  wrong_step: '下一步是另一个步骤',
  idempotency_key_reused: '此 Idempotency-Key 属于另一个请求',
  too_many_tokens: '文本超过模型可接受的长度',
  too_many_requests: '同时进行的请求过多',
  overloaded: '等待的请求过多',
  not_ready: '服务仍在启动',
  replay_unavailable: '无法访问结果存储',
  policy_unreachable: '无法连接策略模型',
  policy_error: '策略模型返回错误',
  policy_refused: '策略模型拒绝了请求',
  policy_empty: '策略模型没有给出回答',
  policy_timeout: '策略模型超时',
  reward_unreachable: '无法连接奖励模型',
  reward_error: '奖励模型返回错误',
  reward_refused: '奖励模型拒绝了请求',
  reward_timeout: '奖励模型超时',
  internal: '服务自身出现故障',
}
