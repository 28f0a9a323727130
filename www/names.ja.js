// What the core names in a sentence, if it is neither a name of CloudFront's nor a value, in Japanese.
export default {
  "an object": "オブジェクト",
  "an array": "配列",
  "a string": "文字列",
  "a number": "数値",
  "true, false or null": " true、false、null のいずれか",
  "the policy": "ポリシー",
  "the statement": "ステートメント",
  "a load balancer": "ロードバランサー",
  "another AWS service": "ほかの AWS サービス",
  "a Lambda function": "Lambda 関数",
};
