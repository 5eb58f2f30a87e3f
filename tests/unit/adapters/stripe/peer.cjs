// The official Node SDK of Stripe at the other end: told on standard input what to do, it answers on standard output.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');

const Stripe = createRequire(process.argv[2])('stripe');
const told = JSON.parse(readFileSync(0, 'utf8'));
const here = { host: '127.0.0.1', port: told.port ?? 9, protocol: 'http', maxNetworkRetries: 0, telemetry: false };
const sdk = new Stripe(told.key ?? 'sk_test_nobody', here);

function checked({ payload, header, secret }) {
  try {
    return sdk.webhooks.constructEvent(payload, header, secret, 10 ** 9).type;
  } catch {
    return null;
  }
}

function error({ type, code, param, decline_code }) {
  return { type, code, param, decline_code };
}

async function main() {
  const answers = [];
  const named = (value) => (typeof value === 'string' && value.startsWith('$') ? answers[Number(value.slice(1))].id : value);
  for (const [path, ...args] of told.calls ?? []) {
    const parts = path.split('.');
    const verb = parts.pop();
    const resource = parts.reduce((owner, part) => owner[part], sdk);
    const filled = args.map((each) => (typeof each === 'object' ? Object.fromEntries(Object.entries(each).map(([k, v]) => [k, named(v)])) : named(each)));
    answers.push(await resource[verb](...filled).catch(error));
  }
  const signed = (told.sign ?? []).map((each) => sdk.webhooks.generateTestHeaderString(each));
  process.stdout.write(JSON.stringify({ answers, signed, checked: (told.check ?? []).map(checked) }));
}

main();
