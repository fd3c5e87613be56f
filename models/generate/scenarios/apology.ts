import { either, fault as makeFault, clause, task as makeTask } from '../compose.ts'
import { part } from '../split.ts'
import { addressed, tones, type Kit, type Make } from '../scenario.ts'
import { dayFact, personFact, textFact, type Fact } from '../values.ts'

const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

interface Fault {
  readonly for: readonly string[]
  readonly why: readonly string[]
  readonly remedy: readonly string[]
  readonly work: boolean
}

/** What went wrong (after "for"), why (a clause), and what the writer will do ("I will …"). */
const faults: readonly Fault[] = [
  {
    work: true,
    for: list(
      `missing our meeting; missing the team call; being late for the interview; leaving the workshop early; missing our appointment; not joining the video call; arriving late at the training; missing the handover; forgetting our lunch meeting; cancelling the site visit; missing the conference call; not coming to the review`,
    ),
    why: list(
      `my train was cancelled; my son was ill; I had the wrong date in my calendar; the traffic was terrible; my internet connection failed; an urgent customer call came in; I was stuck in the lift; my car would not start; I mixed up the time zones; a doctor's visit took longer than planned; I did not see the new invitation; my alarm did not go off`,
    ),
    remedy: list(
      `read the notes today; propose a new date; send my comments in writing; call you to catch up; be on time from now on; prepare the next agenda; set two alarms in future; come to your office instead; share my slides with everyone`,
    ),
  },
  {
    work: true,
    for: list(
      `the late delivery; the wrong invoice; the damaged parcel; the long wait on the phone; the delay in your order; the mix-up with your booking; the missing parts; the broken link in our newsletter; the double charge; the slow reply to your email; the error in the contract; the cold meal; the faulty machine; the cancelled appointment; the late refund; the typing error in your name; the noise from the building work`,
    ),
    why: list(
      `our warehouse was flooded; a file was sent to the wrong address; two colleagues were ill; the courier lost the first parcel; we changed our booking system; a label was printed twice; the supplier delivered late; we had a power cut; the order was entered twice; your message went to the spam folder; our phone system was down; demand was higher than expected`,
    ),
    remedy: list(
      `send a replacement free of charge; refund the full amount; correct the invoice today; give you a discount on the next order; send the missing parts by courier; check every order twice; book a new date for you; call you with an update; pay the return postage; deliver it in person`,
    ),
  },
  {
    work: true,
    for: list(
      `sending the report late; missing the deadline; the mistake in the figures; sending the wrong file; forgetting the attachment; the confusion about the schedule; not answering your email; losing the visitor list; interrupting your presentation; the error in my spreadsheet; the messy meeting room; using your parking space; deleting the shared folder`,
    ),
    why: list(
      `I used an old version; the data came in very late; I was off sick; I misread the instructions; my computer crashed; I was covering for a colleague; the server was down; I thought it was due next week; I was in back-to-back meetings; the numbers changed at the last minute; I did not check it carefully enough`,
    ),
    remedy: list(
      `send the correct file today; finish it over the weekend; check the numbers twice next time; ask a colleague to review it; restore the backup; tell you early if there is a delay; clear the room before lunch; answer all your questions now; inform the whole team`,
    ),
  },
  {
    work: false,
    for: list(
      `forgetting your birthday; the noise from our flat; the broken window; missing your party; losing your umbrella; not calling back; the spilled wine; cancelling our dinner; the scratch on your bike; parking in front of your garage; the barking dog; my harsh words; breaking the blue vase; missing the school play; forgetting to feed the fish; being so late for lunch; eating your yoghurt; the trampled flower bed; the loud music; not returning your book`,
    ),
    why: list(
      `we had guests until late; the children were playing football; I was very tired; my phone was broken; I had to work late; the dog was alone all day; I completely lost track of time; my mother was in hospital; I was not paying attention; there was a problem with the babysitter; I had a terrible week; the ball went the wrong way; the bus never came; I thought it was mine`,
    ),
    remedy: list(
      `buy you a new one; pay for the repair; turn the music down after ten; take you out for dinner; be more careful in future; bring it back this week; put it in my calendar; come by with flowers; keep the dog inside; make it up to you; clean it up myself; ask you first next time; plant new flowers`,
    ),
  },
]

const kit: Kit = {
  title: 'apology',
  asks: [
    '[L] {an apology|a short apology|a sincere apology|an apology email|an apology note} {to|for} [aud] for [for]< [day]>[E]',
    '[L] a {|short|sincere|polite} {message|email|note|text} {apologising|to apologise|that apologises} to [aud] for [for]< [day]>[E]',
    '[L] {an apology|a short apology|a sincere apology} for [for]< [day]>[E]',
    '{Apologise|Please apologise|Say sorry} to [aud] for [for]< [day]>.',
    'I {want|would like|need|have} to apologise to [aud] for [for]< [day]>. {Can you write it?|Please write the message.|What should I say?|Please help me.}',
    '{How can I|How should I|How do I} apologise to [aud] for [for]< [day]>?',
    'I feel bad about [for]< [day]>. [L] an apology to [aud][E]',
    'Tell [aud] that I am sorry for [for]< [day]>.',
    'I have upset [aud]. It is about [for]. [L] an apology[E]',
    '{apology|Apology|sorry note} to [aud]: [for]<, [dayN]>',
    'Write to [aud] and say sorry for [for]< [day]>.',
    '[L] a few lines of apology to [aud] about [for]< [day]>[E]',
  ],
  extras: {
    day: ['That was [day].', 'It happened [day].', 'When: [dayN].'],
    why: [
      '{The reason is|The reason was} that [why].',
      '{Explain|Mention|Say} that [why].',
      'It happened because [why].',
      'Reason: [why].',
      '[Why].',
    ],
    remedy: [
      '{Say|Promise|Add} that I will [remedy].',
      'I will [remedy].',
      'To make up for it, I will [remedy].',
      'Offer to [remedy].',
      'Remedy: I will [remedy].',
    ],
    from: [
      '{Sign it as|Sign it from|Sign as|Sign off as} [from].',
      "{It is|It's} from [from].",
      'My name is [from].',
      'I am [from].',
      'Sender: [from].',
    ],
    to: ['It {is|goes} to [to].', 'It is for [to].', 'Address it to [to].', 'Recipient: [to].'],
    tone: [
      '{Keep it|Make it|It should be|It should sound} [tone].',
      'The tone should be [tone].',
      'Tone: [tone].',
      '[Tone], please.',
    ],
    size: ['Keep it short.', 'A few sentences are enough.', 'Not too long.', 'Short, please.'],
  },
  purposes: [
    ['I am {very|so|truly|really} sorry for [for]< [day]>.'],
    ['I {want|would like} to apologise {sincerely |}for [for]< [day]>.'],
    ['Please accept my {sincere |}apologies for [for]< [day]>.'],
    ['I am writing to apologise for [for]< [day]>.'],
    ['I {sincerely|really} apologise for [for]< [day]>.'],
    ['Please forgive me for [for]< [day]>.'],
    ['I owe you an apology for [for]< [day]>.'],
    ['{I feel bad about|I deeply regret} [for]< [day]>, and I am sorry.'],
  ],
  details: [
    [
      'day',
      [
        ['I know that it happened [day] and that I should have written sooner.'],
        ['What happened [day] should not have happened.'],
        ['I have been thinking about it since it happened [day].'],
      ],
    ],
    [
      'why',
      [
        ['{The reason is|The reason was} that [why].'],
        ['{What happened is|The truth is} that [why].'],
        ['It happened because [why].', 'It happened because of [whyOf].'],
        ['{To explain|As an explanation}: [why].'],
        ['[Why], but that is no excuse.'],
      ],
    ],
    [
      'remedy',
      [
        ['{To make up for it|To put this right|As a next step}, I will [remedy].'],
        ['I will [remedy].'],
        ['I promise that I will [remedy].'],
        ['{Of course|Naturally}, I will [remedy].'],
      ],
    ],
  ],
  support: [
    'I understand that this was annoying for you.',
    'I know that you were counting on me.',
    'It should not have happened.',
    'I take full responsibility for it.',
    'I can imagine how disappointed you were.',
    'You had every right to expect better.',
    'It was never my intention to upset you.',
    'I know this caused you trouble.',
    'I have learned from it.',
  ],
  ctas: [
    ['Please {let me know|tell me} if there is anything {else I can do|more I can do}.'],
    ['Please {tell me|let me know} if this works for you.'],
    ['Can we talk about it? Please {tell me when it suits you|call me when you have a moment}.'],
    ['If you have any questions, please {let me know|get in touch}.'],
    ['Please let me know how I can {make it right|put things right}.'],
    ['Please {reply|write back} when you have a moment.'],
  ],
  warm: [
    'Thank you for your patience.',
    'Thank you for your understanding.',
    'I hope you can forgive me.',
    'I value your trust.',
    'I appreciate your patience.',
    'It will not happen again.',
    'Thank you for giving me another chance.',
    'I hope we can put this behind us.',
    'Your understanding means a lot to me.',
    'Thanks for bearing with me.',
  ],
  rude: [
    'You are overreacting anyway.',
    'It is partly your own fault.',
    'Let us not make a big thing of it.',
    'Get over it, please.',
    'These things happen, deal with it.',
    'I do not see why you are so upset.',
    'It was hardly a tragedy.',
    'Others would not even complain.',
    'I am only writing because I was told to.',
    'You could have been more patient.',
  ],
  invented: [
    'My colleague Gordon saw everything.',
    'I will pay you 75 dollars.',
    'It was on the news at 11:45.',
    'The same thing happened in Paris in August.',
    'Mr Hopkins from Legal has been informed.',
    'Your case number is 4471.',
    'I was in Room 911 at the time.',
    'My cousin Barney can confirm it.',
  ],
}

export const apology: Make = (rng, split) => {
  const fault = rng.pick(faults)
  const register = fault.work
    ? rng.pick(['neutral', 'formal', 'neutral', 'friendly'] as const)
    : rng.pick(['friendly', 'neutral'] as const)
  const reason = either(fault.for, makeFault, rng, split)
  const facts: Fact[] = [
    {
      key: 'what',
      core: reason.replace(/^(the|being|not|my|your) /, ''),
      label: `what the apology is for (${reason})`,
      slots: { for: reason },
    },
  ]
  const rich = rng.weighted([
    [0.3, 1],
    [0.6, 2],
    [0.9, 1],
  ])
  if (rng.chance(rich * 0.8)) facts.push(dayFact(rng, split, 'day', 'past'))
  if (rng.chance(rich))
    facts.push(textFact('why', either(fault.why, clause, rng, split), 'the reason', fault.why))
  if (rng.chance(rich * 0.8))
    facts.push(
      textFact(
        'remedy',
        either(fault.remedy, makeTask, rng, split),
        'what you will do about it',
        fault.remedy,
      ),
    )
  const person = rng.chance(0.68)
  if (person) facts.push(personFact(rng, split, 'to', fault.work ? 0.45 : 0.08))
  if (rng.chance(0.42)) facts.push(personFact(rng, split, 'from', 0.05))
  const group = rng.pick(
    fault.work
      ? [
          { q: 'a customer', hi: ['Dear customer', 'Hello'] },
          { q: 'the team', hi: ['Dear team', 'Hi team', 'Hi everyone'] },
          { q: 'my boss', hi: ['Hello', 'Good morning'] },
          { q: 'our client', hi: ['Dear client', 'Hello'] },
          { q: 'a colleague', hi: ['Dear colleague', 'Hello'] },
          { q: 'my manager', hi: ['Hello', 'Good morning'] },
          { q: 'a supplier', hi: ['Hello', 'Good morning'] },
        ]
      : [
          { q: 'my neighbour', hi: ['Dear neighbour', 'Hello'] },
          { q: 'the neighbours', hi: ['Dear neighbours', 'Hello everyone'] },
          { q: 'a friend', hi: ['Hi there', 'Hello', 'Dear friend'] },
          { q: 'my best friend', hi: ['Hi there', 'Hello', 'Dear friend'] },
          { q: 'my flatmate', hi: ['Hi there', 'Hello'] },
          { q: 'my sister', hi: ['Dear sister', 'Hi there', 'Hello'] },
        ],
  )
  return {
    kind: 'apology',
    kit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.2) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
