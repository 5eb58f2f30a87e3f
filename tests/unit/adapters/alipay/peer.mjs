// The official Node SDK of Alipay at the other end: told on one line of standard input what to do, it answers on standard output.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { AlipaySdk } = createRequire(process.argv[2])('alipay-sdk');
const told = JSON.parse(readFileSync(0, 'utf8'));
const sdk = new AlipaySdk({
  appId: told.appId, privateKey: told.privateKey, alipayPublicKey: told.publicKey, gateway: told.gateway, keyType: 'PKCS8',
});
const answers = [];
for (const [method, bizContent] of told.calls ?? []) {
  answers.push(await sdk.exec(method, { bizContent }, { validateSign: true }));
}
const checks = (told.forms ?? []).map((form) => sdk.checkNotifySignV2(form));
const pages = (told.pages ?? []).map(([method, bizContent]) => sdk.pageExecute(method, 'GET', { bizContent }));
process.stdout.write(JSON.stringify({ answers, checks, pages }));
