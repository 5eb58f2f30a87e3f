// wechatpay-axios-plugin at the other end: told on standard input what to do, it answers on standard output. With `serve` it is a small
// WeChat Pay whose signatures and encryption are wholly the plug-in's, and it says on its first line where it listens.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const http = require('node:http');

const { Wechatpay, Rsa, Aes, Formatter } = createRequire(process.argv[2])('wechatpay-axios-plugin');
const told = JSON.parse(readFileSync(0, 'utf8'));

function sealed(plain, associated) {
  const nonce = Formatter.nonce(12);
  const ciphertext = Aes.AesGcm.encrypt(plain, told.apiV3Key, nonce, associated);
  return { algorithm: 'AEAD_AES_256_GCM', nonce, associated_data: associated, ciphertext };
}

function vouched(body, timestamp) {
  const nonce = Formatter.nonce();
  return {
    'Wechatpay-Timestamp': String(timestamp),
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': told.serial,
    'Wechatpay-Signature': Rsa.sign(Formatter.response(String(timestamp), nonce, body), told.platformKey),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  };
}

function callback({ event, resource, at }) {
  const body = JSON.stringify({
    id: 'EV-1', create_time: '2026-03-01T20:00:00+08:00', resource_type: 'encrypt-resource', event_type: event, summary: '支付成功',
    resource: { original_type: 'transaction', ...sealed(JSON.stringify(resource), 'transaction') },
  });
  return { body, headers: vouched(body, at) };
}

function checked({ headers, body }) {
  const own = (name) => headers[name];
  const text = Formatter.response(own('Wechatpay-Timestamp'), own('Wechatpay-Nonce'), body);
  if (!Rsa.verify(text, own('Wechatpay-Signature'), told.platformPublic)) return null;
  const { nonce, ciphertext, associated_data: associated } = JSON.parse(body).resource;
  return JSON.parse(Aes.AesGcm.decrypt(ciphertext, told.apiV3Key, nonce, associated));
}

async function asked(calls) {
  const client = new Wechatpay({
    mchid: told.mchid, serial: told.merchantSerial, privateKey: told.merchantKey, certs: { [told.serial]: told.platformPublic }, baseURL: `${told.gateway}/`,
  });
  const answers = [];
  for (const [verb, path, data] of calls) {
    const at = path.split('/').reduce((chain, part) => chain[part], client);
    try {
      const { status, data: words } = await at[verb](...(verb === 'get' ? [data ?? {}] : [data]));
      answers.push([status, words === '' ? null : words]);
    } catch (error) {
      answers.push([error.response ? error.response.status : 0, error.response ? error.response.data : String(error.message)]);
    }
  }
  return answers;
}

function verifiedRequest(request, body) {
  const [, rest] = (request.headers.authorization ?? '').split(/ (.*)/s);
  const of = Object.fromEntries([...(rest ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((pair) => [pair[1], pair[2]]));
  const text = Formatter.request(request.method, request.url, of.timestamp, of.nonce_str, body);
  return of.mchid === told.mchid && of.serial_no === told.merchantSerial && Rsa.verify(text, of.signature, told.merchantPublic);
}

const orders = {};
const refunds = {};

function answered(method, path, words) {
  let found;
  if (path === '/v3/certificates') return [200, { data: [{ serial_no: told.serial, encrypt_certificate: sealed(told.certificate, 'certificate') }] }];
  if (path === '/v3/pay/transactions/native') {
    orders[words.out_trade_no] = { ...words, trade_state: 'NOTPAY' };
    return [200, { code_url: 'weixin://wxpay/bizpayurl?pr=peer' }];
  }
  if ((found = path.match(/^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/))) {
    const order = orders[found[1]];
    if (!order) return [404, { code: 'ORDER_NOT_EXIST', message: '订单不存在' }];
    if (found[2]) { order.trade_state = 'CLOSED'; return [204, null]; }
    return [200, { ...order, transaction_id: '4200001', success_time: '2026-03-01T20:00:00+08:00' }];
  }
  if (path === '/v3/refund/domestic/refunds') {
    refunds[words.out_refund_no] = { ...words, refund_id: '503', status: 'SUCCESS', success_time: '2026-03-01T21:00:00+08:00' };
    return [200, refunds[words.out_refund_no]];
  }
  if ((found = path.match(/^\/buyer\/(.+)$/))) { orders[found[1]].trade_state = 'SUCCESS'; return [200, {}]; }
  return [404, { code: 'RESOURCE_NOT_EXISTS', message: path }];
}

function serve() {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const path = request.url.split('?')[0];
      const known = path.startsWith('/buyer/') || verifiedRequest(request, body);
      const [status, words] = known ? answered(request.method, path, body ? JSON.parse(body) : {}) : [401, { code: 'SIGN_ERROR', message: '签名错误' }];
      const text = words === null ? '' : JSON.stringify(words);
      response.writeHead(status, vouched(text, Formatter.timestamp()));
      response.end(text);
    });
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
}

async function main() {
  const signatures = (told.requests ?? []).map(([verb, target, timestamp, nonce, body, signature]) => (
    Rsa.verify(Formatter.request(verb, target, timestamp, nonce, body), signature, told.merchantPublic)));
  const handed = (told.handed ?? []).map(([lines, signature]) => Rsa.verify(Formatter.joinedByLineFeed(...lines), signature, told.merchantPublic));
  const bills = (told.bills ?? []).map((text) => Formatter.castCsvBill(Buffer.from(text)));
  process.stdout.write(JSON.stringify({
    answers: await asked(told.calls ?? []),
    callbacks: (told.callbacks ?? []).map(callback),
    checks: (told.checks ?? []).map(checked),
    signatures, handed, bills,
  }));
}

if (told.serve) serve(); else main();
