// Private files: a private bucket, a distribution that serves it to signed requests only, and a function that signs URLs and cookies.
import { join } from "node:path";

import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { AllowedMethods, CachePolicy, Distribution, HeadersFrameOption, HeadersReferrerPolicy, HttpVersion, KeyGroup, OriginRequestPolicy, PublicKey, ResponseHeadersPolicy, SecurityPolicyProtocol, ViewerProtocolPolicy } from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, FunctionUrlAuthType, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { CfnSecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

import type { Settings } from "./settings.ts";

interface Key {
  name: string;
  pem: string;
  id: string;
}

export class PrivateFiles extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, { description: "Private files behind CloudFront signed URLs and signed cookies" });
    const bucket = this.bucket(settings);
    const keys = settings.keys.map((name) => this.key(name));
    const distribution = this.distribution(settings, bucket, keys);
    const secret = this.secret();
    const signer = this.signer(settings, keys, distribution, secret);

    const output = (name: string, value: string) => new CfnOutput(this, name, { value });
    output("BucketName", bucket.bucketName);
    output("DistributionUrl", `https://${distribution.distributionDomainName}`);
    output("SecretArn", secret.secretArn);
    output("SignerUrl", signer);
    for (const { name, id } of keys) output(`KeyPairId${name}`, id);
  }

  /** Closed to everyone; the distribution adds itself to the bucket's policy. */
  private bucket({ siteOrigin }: Settings): Bucket {
    const bucket = new Bucket(this, "Files", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // It stays when the stack is destroyed.
      removalPolicy: RemovalPolicy.RETAIN,
      // For preflight requests; CloudFront adds all other CORS headers.
      cors: siteOrigin ? [{ allowedOrigins: [siteOrigin], allowedMethods: [HttpMethods.GET, HttpMethods.HEAD], allowedHeaders: ["range"] }] : undefined,
    });
    Validations.of(bucket).acknowledge({ id: "AwsSolutions-S1", reason: "The distribution is the only reader; who reads is in its logs, if they are switched on." });
    return bucket;
  }

  /**
   * Parameter Store → PublicKey. A public key of CloudFront cannot be changed: each name is its own resource, and a
   * parameter's value is never overwritten.
   */
  private key(name: string): Key {
    const pem = StringParameter.valueForStringParameter(this, `/private-files/public-keys/${name}`);
    return { name, pem, id: new PublicKey(this, `PublicKey-${name}`, { encodedKey: pem, comment: name }).publicKeyId };
  }

  /** PublicKey → KeyGroup → Distribution. */
  private distribution({ domainName, certificateArn, siteOrigin }: Settings, bucket: Bucket, keys: Key[]): Distribution {
    const keyGroup = new KeyGroup(this, "KeyGroup", { items: keys.map(({ name, id }) => PublicKey.fromPublicKeyId(this, `Trusted-${name}`, id)) });
    const distribution = new Distribution(this, "Distribution", {
      comment: "Private files",
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        trustedKeyGroups: [keyGroup],
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
        // Neither query nor cookies are in the cache key: one copy of a file serves every signature.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        originRequestPolicy: OriginRequestPolicy.CORS_S3_ORIGIN,
        responseHeadersPolicy: this.responseHeaders(siteOrigin),
      },
      httpVersion: HttpVersion.HTTP2_AND_3,
      // Without a certificate, CloudFront's own is used, whose minimum TLS version cannot be changed.
      ...(domainName &&
        certificateArn && {
          domainNames: [domainName],
          certificate: Certificate.fromCertificateArn(this, "Certificate", certificateArn),
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }),
    });
    Validations.of(distribution).acknowledge(
      { id: "AwsSolutions-CFR1", reason: "Who may read is decided by signatures, not by countries." },
      { id: "AwsSolutions-CFR2", reason: "A request without a valid signature ends at the edge; a web ACL costs extra and is the owner's choice." },
      { id: "AwsSolutions-CFR3", reason: "Access logs hold the query, which is the signature: they are the owner's choice." },
    );
    if (!certificateArn) Validations.of(distribution).acknowledge({ id: "AwsSolutions-CFR4", reason: "CloudFront's own certificate takes no other minimum; -c certificateArn sets TLS 1.2." });
    return distribution;
  }

  private responseHeaders(siteOrigin?: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, "ResponseHeaders", {
      comment: "Private files",
      securityHeadersBehavior: {
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.SAMEORIGIN, override: true },
        // A signed page's URL opens it for anyone who learns it: do not send it as a referrer.
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
      // Without it a browser shows its copy after the signature has expired. The edge still caches the file.
      customHeadersBehavior: { customHeaders: [{ header: "cache-control", value: "private, no-cache", override: true }] },
      // Pages of another origin send cookies only if that origin is named here and credentials are allowed.
      corsBehavior: siteOrigin
        ? {
            accessControlAllowOrigins: [siteOrigin],
            accessControlAllowCredentials: true,
            accessControlAllowMethods: ["GET", "HEAD", "OPTIONS"],
            accessControlAllowHeaders: ["range"],
            // The headers that HLS players read.
            accessControlExposeHeaders: ["content-length", "content-range", "etag"],
            accessControlMaxAge: Duration.hours(1),
            originOverride: true,
          }
        : undefined,
    });
  }

  /** Made without a value: you put the private key there yourself, so it is in no template and no deployment state. */
  private secret(): Secret {
    const secret = new Secret(this, "PrivateKey", { description: "The private key, PEM, that signs CloudFront URLs and cookies" });
    // Without this, CDK generates a random value.
    (secret.node.defaultChild as CfnSecret).addPropertyDeletionOverride("GenerateSecretString");
    Validations.of(secret).acknowledge({ id: "AwsSolutions-SMG4", reason: "A new private key needs its public half in the key group first: docs/key-rotation.md." });
    return secret;
  }

  /** The function and its URL. Its role reads one secret and writes one log. */
  private signer({ keyType, signedPrefix, lifetime, domainName, cookieDomain, open }: Settings, keys: Key[], distribution: Distribution, secret: Secret): string {
    const logGroup = new LogGroup(this, "SignerLog", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, "SignerRole", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: [secret.secretArn] }));

    const environment: Record<string, string> = {
      SECRET: secret.secretArn,
      DISTRIBUTION: `https://${domainName ?? distribution.distributionDomainName}`,
      SIGNED_PREFIX: signedPrefix,
      LIFETIME: lifetime,
      ...(keyType && { KEY_TYPE: keyType }),
      ...(cookieDomain && { COOKIE_DOMAIN: cookieDomain }),
    };
    // The function looks up here which ID its private key has: an ID stored beside the key could belong to another key.
    keys.forEach(({ pem, id }, index) => {
      environment[`PUBLIC_KEY_${index}`] = pem;
      environment[`KEY_PAIR_ID_${index}`] = id;
    });
    const signer = new NodejsFunction(this, "Signer", {
      entry: join(import.meta.dirname, "signer", "handler.ts"),
      projectRoot: import.meta.dirname,
      depsLockFilePath: join(import.meta.dirname, "package-lock.json"),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: Duration.seconds(10),
      role,
      logGroup,
      environment,
      // The SDK is bundled too: it is the version that the tests ran, and starts faster.
      bundling: { format: OutputFormat.ESM, target: "node20", mainFields: ["module", "main"], bundleAwsSDK: true, minify: true },
    });
    // AWS_IAM: callers need lambda:InvokeFunctionUrl and sign their calls. If open, it gives the files to everyone, unless you change the
    // handler so that it knows your users.
    return signer.addFunctionUrl({ authType: open ? FunctionUrlAuthType.NONE : FunctionUrlAuthType.AWS_IAM }).url;
  }
}
