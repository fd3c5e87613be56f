import type { Register } from './scenario.ts'

/** Wording that all kinds of messages share. */

export const greetings: Readonly<Record<Register, readonly string[]>> = {
  formal: ['Dear [name]', 'Dear [name]', 'Good morning, [name]'],
  neutral: ['Dear [name]', 'Hello [name]', 'Hi [name]', 'Good morning, [name]'],
  friendly: ['Hi [name]', 'Hello [name]', 'Hey [name]', 'Dear [name]'],
}
export const openGreetings: Readonly<Record<Register, readonly string[]>> = {
  formal: ['Good morning', 'Hello', 'Good day'],
  neutral: ['Hello', 'Good morning', 'Hello there', 'Hi there'],
  friendly: ['Hi there', 'Hello', 'Hey there', 'Hi'],
}
export const openGroup = ['Hello everyone', 'Hi all', 'Dear all', 'Hi everyone']

export const closings: Readonly<Record<Register, readonly string[]>> = {
  formal: ['Kind regards', 'Best regards', 'Sincerely', 'Yours sincerely', 'With kind regards'],
  neutral: ['Best regards', 'Kind regards', 'Best wishes', 'Regards', 'With best wishes'],
  friendly: [
    'Best wishes',
    'Cheers',
    'All the best',
    'Best',
    'Warm regards',
    'Take care',
    'Warmly',
  ],
}
export const allClosings = [...new Set(Object.values(closings).flat())]

/** Openings that say nothing yet. */
export const preambles = [
  'I hope this message finds you well.',
  'I hope you are having a good week so far.',
  'It has been a while since we last spoke.',
  'Time really does fly.',
  'I have been meaning to write for days.',
  'As you know, there is always a lot going on.',
  'I was just sitting at my desk and thinking about what to write.',
  'First of all, let me say that I am usually not one for long messages.',
  'What a week it has been.',
  'You may be wondering why I am writing.',
  'Before I come to the point, a few general words.',
  'The weather has been strange lately.',
  'There is something I have wanted to write about.',
  'I never quite know how to begin such messages.',
  'I trust that all is well on your side.',
  'Well, where should I start?',
  'A lot has happened recently.',
  'I know that everybody gets a lot of messages these days.',
  'Let me begin at the beginning.',
  'I was not sure whether to write or to call.',
  'Sometimes the days are just too short.',
  'It is me again.',
  'As always, I am writing at the last minute.',
  'This message has been on my list for a while.',
  'I thought I would drop you a line.',
  'How quickly the year goes by.',
]

/** Padding that adds nothing. */
export const fillers = [
  'As everybody knows, good communication is very important.',
  'There are many ways to look at this, and each of them has its own merits.',
  'In general, these things tend to be what they are.',
  'Of course, one could say much more about this topic.',
  'It goes without saying that some things go without saying.',
  'All in all, this is something that one should keep in mind.',
  'At the end of the day, it is what it is.',
  'I could go on about this for a long time.',
  'Such matters have always been part of everyday life.',
  'This is, as I said, the point of this message.',
  'When you think about it, planning is half of life.',
  'Many people would agree with that, and others would not.',
  'Everyone has their own way of dealing with such things.',
  'In this context it is worth saying that details can matter.',
  'To put it another way, I simply wanted to mention it.',
  'Some things in life cannot be planned, while other things can.',
  'Needless to say, I have thought about this at length.',
  'It is often said that small things make a big difference.',
  'With that being said, let me add a few more words.',
  'In other words, I mean exactly what I wrote above.',
  'There is a time for everything, as the saying goes.',
  'One way or another, things usually work out.',
  'I have probably mentioned this kind of thing before.',
  'As far as I can tell, that is more or less the situation.',
  'There is nothing more to add, and yet I want to add this.',
  'Naturally, opinions on this may differ.',
  'That is how it has always been, at least as far as I remember.',
  'And so on, as one might expect.',
]

export const slang = [
  'Yo, this is kind of a big deal, lol.',
  'So yeah, whatever works, dude.',
  'Gonna be lit, trust me.',
  'No biggie, just saying, haha.',
  'Anyway, you do you, mate.',
  'Super mega important stuff, OMG.',
  'Like, seriously, you know what I mean?',
  'Just sayin, peeps.',
]

export const placeholders = {
  name: ['[Your Name]', '[Name]', '[Your name here]'],
  reader: ['[Recipient]', '[Name]', '[Recipient Name]'],
}
