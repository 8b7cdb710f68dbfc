// Words that mean the same: readers type one, a page has the other. No DOM.

// A line is a sense. Its words stand for each other in both languages, whole words only, with their English endings. Only what is
// the same on this site: what depends on the page is a keyword of the page.
const SAME = `
worker, ワーカー
thread, スレッド, マルチスレッド, multithreaded
process, プロセス
connection, コネクション, 接続
pool, pooling, プール, プーリング
timeout, timed out, time out, time-out, タイムアウト, 時間切れ
deploy, deployment, deploying, deployed, デプロイ, リリース, release
restart, restarting, restarted, reboot, rebooted, 再起動, リスタート
reload, reloading, reloaded, リロード, 再読み込み, 再読込
stop, shutdown, shut down, terminate, 停止, 終了, シャットダウン, 止める, 止めて, 止まらない, 落とす
graceful, gracefully, グレースフル
downtime, ダウンタイム, 無停止
crash, crashes, crashed, dies, died, クラッシュ, 落ちる, 落ちた, 落ちて, 死ぬ, 死んだ, 死んで, 異常終了
hang, hung, hanging, stuck, freeze, frozen, freezes, unresponsive, ハング, ハングアップ, フリーズ, 固まる, 固まった, 固まって, 応答しない, 応答なし, 返ってこない, 反応しない, 無反応, 反応がない, not respond, not responding, does not respond, doesn't respond, no response
slow, slower, sluggish, 遅い, 遅く, 重い, 重く, 遅延
fast, faster, speed, speed up, 速い, 速く, 高速化, 高速
disconnect, disconnected, disconnects, 切断, 切れる, 切れて, 切れた
async, asynchronous, asyncio, 非同期
sync, synchronous, 同期
middleware, ミドルウェア
memory, ram, メモリ
leak, リーク, 漏れ, 漏れる
oom, out of memory, メモリ不足, メモリーが足りな
log, logging, ログ, ロギング
database, db, データベース
postgresql, postgres, pg, ポスグレ
query, クエリ, sql
transaction, トランザクション
migration, マイグレーション
cache, caching, キャッシュ
static, css, 静的ファイル, 静的
upload, アップロード
download, ダウンロード
proxy, プロキシ
load balancer, loadbalancer, lb, alb, elb, ロードバランサー
health check, healthcheck, ヘルスチェック, 死活監視
probe, プローブ
header, ヘッダー
cookie, クッキー
security, secure, セキュリティ, セキュア
redirect, リダイレクト
certificate, 証明書, tls, ssl
websocket, ws, wss, ウェブソケット
streaming, stream, sse, server-sent events, server sent events, ストリーミング
socket, ソケット
container, docker, コンテナ, ドッカー
kubernetes, k8s, クバネティス, クーベネティス
pod, ポッド
signal, シグナル
settings, configuration, config, configure, configuring, conf, 設定, コンフィグ
example, sample, template, boilerplate, サンプル, 例, 設定例, 雛形, ひな形, テンプレート
permission, 権限, パーミッション
traceback, stack trace, stacktrace, トレースバック, スタックトレース
deadlock, デッドロック
event loop, イベントループ
coroutine, コルーチン
background, バックグラウンド, 裏で
queue, キュー, 待ち行列, 順番待ち
task, job, タスク, ジョブ
periodic, scheduled, cron, 定期実行, スケジュール
load test, load testing, stress test, 負荷試験, 負荷テスト, ストレステスト
benchmark, ベンチマーク, ベンチ
profile, profiling, profiler, プロファイル, プロファイラー, プロファイリング
migrate, switch, switching, move, 移行, 乗り換え, 乗り換える, 載せ替え
difference, different, differ, compare, comparison, versus, 違い, 差, 比較
choose, which, recommended, recommend, 選ぶ, 選べば, 選び方, 選定, おすすめ, オススメ, どれ, どっち, どちら
deprecated, obsolete, 非推奨, 廃止
maintenance mode, unmaintained, メンテナンスモード
production, prod, live site, 本番, 本番環境
environment variable, env var, 環境変数
client ip, real ip, クライアントip, クライアントのip, 接続元ip
apache, アパッチ
nginx, エンジンエックス
gunicorn, グニコーン, unicorn
uvicorn, ユビコーン, ユーブイコーン
celery, セロリー
redis, レディス
daphne, ダフネ
supervisor, supervisord, supervisorctl, スーパーバイザー
duplicate, twice, 重複, 二重, 2 回, 2回
zombie, ゾンビ
n+1, n plus 1, n plus one, n + 1
`

const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
const known = new Map() // the sense of each word
for (const [number, line] of SAME.trim().split("\n").entries()) for (const word of line.split(", ")) known.set(word.replaceAll("ー", ""), `=${number}`)
const longest = [...known.keys()].sort((a, b) => b.length - a.length), english = longest.filter(word => /[a-z]/.test(word))
// An English word has no letter before or behind it, except for an ending; サーバー and サーバ are the same.
const WORDS = new RegExp(
  `(?<![a-z0-9_])(?:${english.map(escaped).join("|")})(?:s|es)?(?![a-z0-9_])|` +
  longest.filter(word => !english.includes(word)).map(word => [...word].map(letter => `${escaped(letter)}ー*`).join("")).join("|"), "g")

/** The senses of the words in a text: [{term, at, length}, …]. A term is of the same kind as those in text.js, and like none of them. */
export function senses(text) {
  return [...text.normalize("NFKC").toLowerCase().matchAll(WORDS)].map(({0: word, index}) => {
    const plain = word.replaceAll("ー", "")
    return {term: known.get(plain) ?? known.get(plain.replace(/s$/, "")) ?? known.get(plain.replace(/es$/, "")), at: index, length: word.length}
  })
}
