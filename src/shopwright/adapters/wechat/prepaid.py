"""What the buyer's page, mini program or app hands to WeChat, signed by the shop.

Rules
- the names are those that WeChat's own code takes: `wx.chooseWXPay` and `WeixinJSBridge` on a page, `PayReq` in an app;
- the same order is handed over in the same words at the same moment, so that a repeat of a start is a repeat.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.adapters.rsa import sign
from shopwright.adapters.wechat.messages import APP, Answer, app_id, sdk, word
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.adapters.wechat.signing import made_nonce, pay_text
from shopwright.payments.outcomes import ClientSdk
from shopwright.payments.requests import StartPayment


def handed_over(answer: Answer, request: StartPayment, settings: WechatSettings, *, at: datetime) -> ClientSdk:
    """The parameters for WeChat's code in the buyer's page or app."""
    prepay, chosen, application = word(answer.words, "prepay_id"), sdk(request), app_id(request, settings)
    timestamp = str(int(at.timestamp()))
    nonce = made_nonce(settings.api_v3_key.encode(), prepay, timestamp)
    if chosen == APP:
        signature = sign(pay_text(application, timestamp, nonce, prepay), settings.signing_key)
        params = {
            "appid": application,
            "partnerid": settings.merchant_id,
            "prepayid": prepay,
            "package": "Sign=WXPay",
            "noncestr": nonce,
            "timestamp": timestamp,
            "sign": signature,
        }
        return ClientSdk("wechat_app", tuple(params.items()))
    package = f"prepay_id={prepay}"
    signature = sign(pay_text(application, timestamp, nonce, package), settings.signing_key)
    params = {"appId": application, "timeStamp": timestamp, "nonceStr": nonce, "package": package, "signType": "RSA", "paySign": signature}
    return ClientSdk("wechat_jsapi", tuple(params.items()))
