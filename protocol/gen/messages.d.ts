import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace framegate. */
export namespace framegate {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a User.
         * @deprecated Use framegate.v1.User.$Properties instead.
         */
        interface IUser extends framegate.v1.User.$Properties {
        }

        /** Represents a User. */
        class User {

            /**
             * Constructs a new User.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.User.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** User id. */
            id: string;

            /** User username. */
            username: string;

            /** User nickname. */
            nickname: string;

            /** Only in a user's own record. */
            email: string;

            /** Only in a user's own record. */
            roles: string[];

            /** User createdAtMs. */
            createdAtMs: number;

            /**
             * Encodes the specified User message. Does not implicitly {@link framegate.v1.User.verify|verify} messages.
             * @param message User message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.User.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a User message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.User & framegate.v1.User.$Shape} User
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.User & framegate.v1.User.$Shape;
        }

        namespace User {

            /** Properties of a User. */
            interface $Properties {

                /** User id */
                id?: string;

                /** User username */
                username?: string;

                /** User nickname */
                nickname?: string;

                /** Only in a user's own record. */
                email?: string;

                /** Only in a user's own record. */
                roles?: string[];

                /** User createdAtMs */
                createdAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a User. */
            type $Shape = framegate.v1.User.$Properties;
        }

        /**
         * Properties of a TokenPair.
         * @deprecated Use framegate.v1.TokenPair.$Properties instead.
         */
        interface ITokenPair extends framegate.v1.TokenPair.$Properties {
        }

        /** Represents a TokenPair. */
        class TokenPair {

            /**
             * Constructs a new TokenPair.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.TokenPair.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JWT for Connect, for the Authorization header and for ?token=. */
            accessToken: string;

            /** TokenPair accessExpiresAtMs. */
            accessExpiresAtMs: number;

            /** For RefreshToken only; works once. */
            refreshToken: string;

            /** TokenPair refreshExpiresAtMs. */
            refreshExpiresAtMs: number;

            /**
             * Encodes the specified TokenPair message. Does not implicitly {@link framegate.v1.TokenPair.verify|verify} messages.
             * @param message TokenPair message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.TokenPair.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TokenPair message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.TokenPair & framegate.v1.TokenPair.$Shape} TokenPair
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.TokenPair & framegate.v1.TokenPair.$Shape;
        }

        namespace TokenPair {

            /** Properties of a TokenPair. */
            interface $Properties {

                /** JWT for Connect, for the Authorization header and for ?token=. */
                accessToken?: string;

                /** TokenPair accessExpiresAtMs */
                accessExpiresAtMs?: number;

                /** For RefreshToken only; works once. */
                refreshToken?: string;

                /** TokenPair refreshExpiresAtMs */
                refreshExpiresAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TokenPair. */
            type $Shape = framegate.v1.TokenPair.$Properties;
        }

        /**
         * Properties of a SessionInfo.
         * @deprecated Use framegate.v1.SessionInfo.$Properties instead.
         */
        interface ISessionInfo extends framegate.v1.SessionInfo.$Properties {
        }

        /** What a client needs to know of the connection that it has just authenticated. */
        class SessionInfo {

            /**
             * Constructs a new SessionInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SessionInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SessionInfo sessionId. */
            sessionId: string;

            /** The gateway process that serves this connection. */
            nodeId: string;

            /** SessionInfo serverTimeMs. */
            serverTimeMs: number;

            /** Send Heartbeat at least this often. */
            heartbeatIntervalMs: number;

            /** Largest WebSocket message that the gateway accepts. */
            maxMessageBytes: number;

            /** SessionInfo permissions. */
            permissions: string[];

            /**
             * Encodes the specified SessionInfo message. Does not implicitly {@link framegate.v1.SessionInfo.verify|verify} messages.
             * @param message SessionInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SessionInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SessionInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SessionInfo & framegate.v1.SessionInfo.$Shape} SessionInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SessionInfo & framegate.v1.SessionInfo.$Shape;
        }

        namespace SessionInfo {

            /** Properties of a SessionInfo. */
            interface $Properties {

                /** SessionInfo sessionId */
                sessionId?: string;

                /** The gateway process that serves this connection. */
                nodeId?: string;

                /** SessionInfo serverTimeMs */
                serverTimeMs?: number;

                /** Send Heartbeat at least this often. */
                heartbeatIntervalMs?: number;

                /** Largest WebSocket message that the gateway accepts. */
                maxMessageBytes?: number;

                /** SessionInfo permissions */
                permissions?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SessionInfo. */
            type $Shape = framegate.v1.SessionInfo.$Properties;
        }

        /**
         * Properties of a ChannelPosition.
         * @deprecated Use framegate.v1.ChannelPosition.$Properties instead.
         */
        interface IChannelPosition extends framegate.v1.ChannelPosition.$Properties {
        }

        /** Where a client stands in a recoverable channel. */
        class ChannelPosition {

            /**
             * Constructs a new ChannelPosition.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelPosition.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelPosition channel. */
            channel: string;

            /** ChannelPosition offset. */
            offset: number;

            /** ChannelPosition epoch. */
            epoch: string;

            /**
             * Encodes the specified ChannelPosition message. Does not implicitly {@link framegate.v1.ChannelPosition.verify|verify} messages.
             * @param message ChannelPosition message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelPosition.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelPosition message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelPosition & framegate.v1.ChannelPosition.$Shape} ChannelPosition
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelPosition & framegate.v1.ChannelPosition.$Shape;
        }

        namespace ChannelPosition {

            /** Properties of a ChannelPosition. */
            interface $Properties {

                /** ChannelPosition channel */
                channel?: string;

                /** ChannelPosition offset */
                offset?: number;

                /** ChannelPosition epoch */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelPosition. */
            type $Shape = framegate.v1.ChannelPosition.$Properties;
        }

        /**
         * Properties of a ChannelRecovery.
         * @deprecated Use framegate.v1.ChannelRecovery.$Properties instead.
         */
        interface IChannelRecovery extends framegate.v1.ChannelRecovery.$Properties {
        }

        /** What became of one presented position. */
        class ChannelRecovery {

            /**
             * Constructs a new ChannelRecovery.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelRecovery.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelRecovery channel. */
            channel: string;

            /** true: every missed push follows, in order. false: there is a hole; fetch the state anew. */
            recovered: boolean;

            /** ChannelRecovery offset. */
            offset: number;

            /** ChannelRecovery epoch. */
            epoch: string;

            /**
             * Encodes the specified ChannelRecovery message. Does not implicitly {@link framegate.v1.ChannelRecovery.verify|verify} messages.
             * @param message ChannelRecovery message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelRecovery.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelRecovery message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelRecovery & framegate.v1.ChannelRecovery.$Shape} ChannelRecovery
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelRecovery & framegate.v1.ChannelRecovery.$Shape;
        }

        namespace ChannelRecovery {

            /** Properties of a ChannelRecovery. */
            interface $Properties {

                /** ChannelRecovery channel */
                channel?: string;

                /** true: every missed push follows, in order. false: there is a hole; fetch the state anew. */
                recovered?: boolean;

                /** ChannelRecovery offset */
                offset?: number;

                /** ChannelRecovery epoch */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelRecovery. */
            type $Shape = framegate.v1.ChannelRecovery.$Properties;
        }

        /**
         * Properties of a ConnectRequest.
         * @deprecated Use framegate.v1.ConnectRequest.$Properties instead.
         */
        interface IConnectRequest extends framegate.v1.ConnectRequest.$Properties {
        }

        /** Represents a ConnectRequest. */
        class ConnectRequest {

            /**
             * Constructs a new ConnectRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ConnectRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ConnectRequest accessToken. */
            accessToken: string;

            /** Last positions of the channels to resume. */
            positions: framegate.v1.ChannelPosition[];

            /**
             * Encodes the specified ConnectRequest message. Does not implicitly {@link framegate.v1.ConnectRequest.verify|verify} messages.
             * @param message ConnectRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ConnectRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ConnectRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ConnectRequest & framegate.v1.ConnectRequest.$Shape} ConnectRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ConnectRequest & framegate.v1.ConnectRequest.$Shape;
        }

        namespace ConnectRequest {

            /** Properties of a ConnectRequest. */
            interface $Properties {

                /** ConnectRequest accessToken */
                accessToken?: string;

                /** Last positions of the channels to resume. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ConnectRequest. */
            type $Shape = framegate.v1.ConnectRequest.$Properties;
        }

        /**
         * Properties of a ConnectResponse.
         * @deprecated Use framegate.v1.ConnectResponse.$Properties instead.
         */
        interface IConnectResponse extends framegate.v1.ConnectResponse.$Properties {
        }

        /** Represents a ConnectResponse. */
        class ConnectResponse {

            /**
             * Constructs a new ConnectResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ConnectResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ConnectResponse session. */
            session: framegate.v1.SessionInfo;

            /** ConnectResponse user. */
            user: framegate.v1.User;

            /** ConnectResponse recoveries. */
            recoveries: framegate.v1.ChannelRecovery[];

            /**
             * Encodes the specified ConnectResponse message. Does not implicitly {@link framegate.v1.ConnectResponse.verify|verify} messages.
             * @param message ConnectResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ConnectResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ConnectResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ConnectResponse & framegate.v1.ConnectResponse.$Shape} ConnectResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ConnectResponse & framegate.v1.ConnectResponse.$Shape;
        }

        namespace ConnectResponse {

            /** Properties of a ConnectResponse. */
            interface $Properties {

                /** ConnectResponse session */
                session?: framegate.v1.SessionInfo.$Properties;

                /** ConnectResponse user */
                user?: framegate.v1.User.$Properties;

                /** ConnectResponse recoveries */
                recoveries?: framegate.v1.ChannelRecovery.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ConnectResponse. */
            type $Shape = framegate.v1.ConnectResponse.$Properties;
        }

        /**
         * Properties of a LoginRequest.
         * @deprecated Use framegate.v1.LoginRequest.$Properties instead.
         */
        interface ILoginRequest extends framegate.v1.LoginRequest.$Properties {
        }

        /** Represents a LoginRequest. */
        class LoginRequest {

            /**
             * Constructs a new LoginRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LoginRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LoginRequest username. */
            username: string;

            /** LoginRequest password. */
            password: string;

            /** Stable per installation. A new login of the same user and device replaces the older session. */
            deviceId: string;

            /** Shown to the user in a list of sessions: "Pixel 9, Android 16". */
            deviceName: string;

            /**
             * Encodes the specified LoginRequest message. Does not implicitly {@link framegate.v1.LoginRequest.verify|verify} messages.
             * @param message LoginRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LoginRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LoginRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LoginRequest & framegate.v1.LoginRequest.$Shape} LoginRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LoginRequest & framegate.v1.LoginRequest.$Shape;
        }

        namespace LoginRequest {

            /** Properties of a LoginRequest. */
            interface $Properties {

                /** LoginRequest username */
                username?: string;

                /** LoginRequest password */
                password?: string;

                /** Stable per installation. A new login of the same user and device replaces the older session. */
                deviceId?: string;

                /** Shown to the user in a list of sessions: "Pixel 9, Android 16". */
                deviceName?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LoginRequest. */
            type $Shape = framegate.v1.LoginRequest.$Properties;
        }

        /**
         * Properties of a LoginResponse.
         * @deprecated Use framegate.v1.LoginResponse.$Properties instead.
         */
        interface ILoginResponse extends framegate.v1.LoginResponse.$Properties {
        }

        /** Represents a LoginResponse. */
        class LoginResponse {

            /**
             * Constructs a new LoginResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LoginResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LoginResponse tokens. */
            tokens: framegate.v1.TokenPair;

            /** LoginResponse session. */
            session: framegate.v1.SessionInfo;

            /** LoginResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified LoginResponse message. Does not implicitly {@link framegate.v1.LoginResponse.verify|verify} messages.
             * @param message LoginResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LoginResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LoginResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LoginResponse & framegate.v1.LoginResponse.$Shape} LoginResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LoginResponse & framegate.v1.LoginResponse.$Shape;
        }

        namespace LoginResponse {

            /** Properties of a LoginResponse. */
            interface $Properties {

                /** LoginResponse tokens */
                tokens?: framegate.v1.TokenPair.$Properties;

                /** LoginResponse session */
                session?: framegate.v1.SessionInfo.$Properties;

                /** LoginResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LoginResponse. */
            type $Shape = framegate.v1.LoginResponse.$Properties;
        }

        /**
         * Properties of a RegisterRequest.
         * @deprecated Use framegate.v1.RegisterRequest.$Properties instead.
         */
        interface IRegisterRequest extends framegate.v1.RegisterRequest.$Properties {
        }

        /** Represents a RegisterRequest. */
        class RegisterRequest {

            /**
             * Constructs a new RegisterRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RegisterRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RegisterRequest username. */
            username: string;

            /** RegisterRequest password. */
            password: string;

            /** RegisterRequest email. */
            email: string;

            /** RegisterRequest nickname. */
            nickname: string;

            /**
             * Encodes the specified RegisterRequest message. Does not implicitly {@link framegate.v1.RegisterRequest.verify|verify} messages.
             * @param message RegisterRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RegisterRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RegisterRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RegisterRequest & framegate.v1.RegisterRequest.$Shape} RegisterRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RegisterRequest & framegate.v1.RegisterRequest.$Shape;
        }

        namespace RegisterRequest {

            /** Properties of a RegisterRequest. */
            interface $Properties {

                /** RegisterRequest username */
                username?: string;

                /** RegisterRequest password */
                password?: string;

                /** RegisterRequest email */
                email?: string;

                /** RegisterRequest nickname */
                nickname?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RegisterRequest. */
            type $Shape = framegate.v1.RegisterRequest.$Properties;
        }

        /**
         * Properties of a RegisterResponse.
         * @deprecated Use framegate.v1.RegisterResponse.$Properties instead.
         */
        interface IRegisterResponse extends framegate.v1.RegisterResponse.$Properties {
        }

        /** Represents a RegisterResponse. */
        class RegisterResponse {

            /**
             * Constructs a new RegisterResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RegisterResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RegisterResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified RegisterResponse message. Does not implicitly {@link framegate.v1.RegisterResponse.verify|verify} messages.
             * @param message RegisterResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RegisterResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RegisterResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RegisterResponse & framegate.v1.RegisterResponse.$Shape} RegisterResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RegisterResponse & framegate.v1.RegisterResponse.$Shape;
        }

        namespace RegisterResponse {

            /** Properties of a RegisterResponse. */
            interface $Properties {

                /** RegisterResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RegisterResponse. */
            type $Shape = framegate.v1.RegisterResponse.$Properties;
        }

        /**
         * Properties of a ForgotPasswordRequest.
         * @deprecated Use framegate.v1.ForgotPasswordRequest.$Properties instead.
         */
        interface IForgotPasswordRequest extends framegate.v1.ForgotPasswordRequest.$Properties {
        }

        /** Represents a ForgotPasswordRequest. */
        class ForgotPasswordRequest {

            /**
             * Constructs a new ForgotPasswordRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ForgotPasswordRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ForgotPasswordRequest requestCode. */
            requestCode: (framegate.v1.ForgotPasswordRequest.RequestCode|null);

            /** ForgotPasswordRequest confirm. */
            confirm: (framegate.v1.ForgotPasswordRequest.Confirm|null);

            /** ForgotPasswordRequest step. */
            step?: ("requestCode"|"confirm");

            /**
             * Encodes the specified ForgotPasswordRequest message. Does not implicitly {@link framegate.v1.ForgotPasswordRequest.verify|verify} messages.
             * @param message ForgotPasswordRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ForgotPasswordRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ForgotPasswordRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ForgotPasswordRequest & framegate.v1.ForgotPasswordRequest.$Shape} ForgotPasswordRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ForgotPasswordRequest & framegate.v1.ForgotPasswordRequest.$Shape;
        }

        namespace ForgotPasswordRequest {

            /** Properties of a ForgotPasswordRequest. */
            interface $Properties {

                /** ForgotPasswordRequest requestCode */
                requestCode?: (framegate.v1.ForgotPasswordRequest.RequestCode.$Properties|null);

                /** ForgotPasswordRequest confirm */
                confirm?: (framegate.v1.ForgotPasswordRequest.Confirm.$Properties|null);

                /** ForgotPasswordRequest step */
                step?: ("requestCode"|"confirm");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a ForgotPasswordRequest. */
            type $Shape = {
              requestCode?: framegate.v1.ForgotPasswordRequest.RequestCode.$Shape|null;
              confirm?: framegate.v1.ForgotPasswordRequest.Confirm.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ step?: undefined; requestCode?: null; confirm?: null }|{ step?: "requestCode"; requestCode: framegate.v1.ForgotPasswordRequest.RequestCode.$Shape; confirm?: null }|{ step?: "confirm"; requestCode?: null; confirm: framegate.v1.ForgotPasswordRequest.Confirm.$Shape })
            );

            /**
             * Properties of a RequestCode.
             * @deprecated Use framegate.v1.ForgotPasswordRequest.RequestCode.$Properties instead.
             */
            interface IRequestCode extends framegate.v1.ForgotPasswordRequest.RequestCode.$Properties {
            }

            /** Represents a RequestCode. */
            class RequestCode {

                /**
                 * Constructs a new RequestCode.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: framegate.v1.ForgotPasswordRequest.RequestCode.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** User name or email address. */
                account: string;

                /**
                 * Encodes the specified RequestCode message. Does not implicitly {@link framegate.v1.ForgotPasswordRequest.RequestCode.verify|verify} messages.
                 * @param message RequestCode message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: framegate.v1.ForgotPasswordRequest.RequestCode.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RequestCode message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {framegate.v1.ForgotPasswordRequest.RequestCode & framegate.v1.ForgotPasswordRequest.RequestCode.$Shape} RequestCode
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ForgotPasswordRequest.RequestCode & framegate.v1.ForgotPasswordRequest.RequestCode.$Shape;
            }

            namespace RequestCode {

                /** Properties of a RequestCode. */
                interface $Properties {

                    /** User name or email address. */
                    account?: string;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RequestCode. */
                type $Shape = framegate.v1.ForgotPasswordRequest.RequestCode.$Properties;
            }

            /**
             * Properties of a Confirm.
             * @deprecated Use framegate.v1.ForgotPasswordRequest.Confirm.$Properties instead.
             */
            interface IConfirm extends framegate.v1.ForgotPasswordRequest.Confirm.$Properties {
            }

            /** Represents a Confirm. */
            class Confirm {

                /**
                 * Constructs a new Confirm.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: framegate.v1.ForgotPasswordRequest.Confirm.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Confirm account. */
                account: string;

                /** Confirm code. */
                code: string;

                /** Confirm newPassword. */
                newPassword: string;

                /**
                 * Encodes the specified Confirm message. Does not implicitly {@link framegate.v1.ForgotPasswordRequest.Confirm.verify|verify} messages.
                 * @param message Confirm message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: framegate.v1.ForgotPasswordRequest.Confirm.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Confirm message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {framegate.v1.ForgotPasswordRequest.Confirm & framegate.v1.ForgotPasswordRequest.Confirm.$Shape} Confirm
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ForgotPasswordRequest.Confirm & framegate.v1.ForgotPasswordRequest.Confirm.$Shape;
            }

            namespace Confirm {

                /** Properties of a Confirm. */
                interface $Properties {

                    /** Confirm account */
                    account?: string;

                    /** Confirm code */
                    code?: string;

                    /** Confirm newPassword */
                    newPassword?: string;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Confirm. */
                type $Shape = framegate.v1.ForgotPasswordRequest.Confirm.$Properties;
            }
        }

        /**
         * Properties of a ForgotPasswordResponse.
         * @deprecated Use framegate.v1.ForgotPasswordResponse.$Properties instead.
         */
        interface IForgotPasswordResponse extends framegate.v1.ForgotPasswordResponse.$Properties {
        }

        /** Represents a ForgotPasswordResponse. */
        class ForgotPasswordResponse {

            /**
             * Constructs a new ForgotPasswordResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ForgotPasswordResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Step one: how long a code, if the account exists and has an address, will be good for. */
            codeExpiresInMs: number;

            /** Step two: the password was changed and every session of the user ended. */
            passwordChanged: boolean;

            /**
             * Encodes the specified ForgotPasswordResponse message. Does not implicitly {@link framegate.v1.ForgotPasswordResponse.verify|verify} messages.
             * @param message ForgotPasswordResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ForgotPasswordResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ForgotPasswordResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ForgotPasswordResponse & framegate.v1.ForgotPasswordResponse.$Shape} ForgotPasswordResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ForgotPasswordResponse & framegate.v1.ForgotPasswordResponse.$Shape;
        }

        namespace ForgotPasswordResponse {

            /** Properties of a ForgotPasswordResponse. */
            interface $Properties {

                /** Step one: how long a code, if the account exists and has an address, will be good for. */
                codeExpiresInMs?: number;

                /** Step two: the password was changed and every session of the user ended. */
                passwordChanged?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ForgotPasswordResponse. */
            type $Shape = framegate.v1.ForgotPasswordResponse.$Properties;
        }

        /**
         * Properties of a RefreshTokenRequest.
         * @deprecated Use framegate.v1.RefreshTokenRequest.$Properties instead.
         */
        interface IRefreshTokenRequest extends framegate.v1.RefreshTokenRequest.$Properties {
        }

        /** Represents a RefreshTokenRequest. */
        class RefreshTokenRequest {

            /**
             * Constructs a new RefreshTokenRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RefreshTokenRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RefreshTokenRequest refreshToken. */
            refreshToken: string;

            /**
             * Encodes the specified RefreshTokenRequest message. Does not implicitly {@link framegate.v1.RefreshTokenRequest.verify|verify} messages.
             * @param message RefreshTokenRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RefreshTokenRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RefreshTokenRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RefreshTokenRequest & framegate.v1.RefreshTokenRequest.$Shape} RefreshTokenRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RefreshTokenRequest & framegate.v1.RefreshTokenRequest.$Shape;
        }

        namespace RefreshTokenRequest {

            /** Properties of a RefreshTokenRequest. */
            interface $Properties {

                /** RefreshTokenRequest refreshToken */
                refreshToken?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RefreshTokenRequest. */
            type $Shape = framegate.v1.RefreshTokenRequest.$Properties;
        }

        /**
         * Properties of a RefreshTokenResponse.
         * @deprecated Use framegate.v1.RefreshTokenResponse.$Properties instead.
         */
        interface IRefreshTokenResponse extends framegate.v1.RefreshTokenResponse.$Properties {
        }

        /** Represents a RefreshTokenResponse. */
        class RefreshTokenResponse {

            /**
             * Constructs a new RefreshTokenResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RefreshTokenResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RefreshTokenResponse tokens. */
            tokens: framegate.v1.TokenPair;

            /**
             * Encodes the specified RefreshTokenResponse message. Does not implicitly {@link framegate.v1.RefreshTokenResponse.verify|verify} messages.
             * @param message RefreshTokenResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RefreshTokenResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RefreshTokenResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RefreshTokenResponse & framegate.v1.RefreshTokenResponse.$Shape} RefreshTokenResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RefreshTokenResponse & framegate.v1.RefreshTokenResponse.$Shape;
        }

        namespace RefreshTokenResponse {

            /** Properties of a RefreshTokenResponse. */
            interface $Properties {

                /** RefreshTokenResponse tokens */
                tokens?: framegate.v1.TokenPair.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RefreshTokenResponse. */
            type $Shape = framegate.v1.RefreshTokenResponse.$Properties;
        }

        /**
         * Properties of a HeartbeatRequest.
         * @deprecated Use framegate.v1.HeartbeatRequest.$Properties instead.
         */
        interface IHeartbeatRequest extends framegate.v1.HeartbeatRequest.$Properties {
        }

        /** Represents a HeartbeatRequest. */
        class HeartbeatRequest {

            /**
             * Constructs a new HeartbeatRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.HeartbeatRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The client's clock, echoed; lets it measure the round trip. */
            clientTimeMs: number;

            /**
             * Encodes the specified HeartbeatRequest message. Does not implicitly {@link framegate.v1.HeartbeatRequest.verify|verify} messages.
             * @param message HeartbeatRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.HeartbeatRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HeartbeatRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.HeartbeatRequest & framegate.v1.HeartbeatRequest.$Shape} HeartbeatRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.HeartbeatRequest & framegate.v1.HeartbeatRequest.$Shape;
        }

        namespace HeartbeatRequest {

            /** Properties of a HeartbeatRequest. */
            interface $Properties {

                /** The client's clock, echoed; lets it measure the round trip. */
                clientTimeMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HeartbeatRequest. */
            type $Shape = framegate.v1.HeartbeatRequest.$Properties;
        }

        /**
         * Properties of a HeartbeatResponse.
         * @deprecated Use framegate.v1.HeartbeatResponse.$Properties instead.
         */
        interface IHeartbeatResponse extends framegate.v1.HeartbeatResponse.$Properties {
        }

        /** Represents a HeartbeatResponse. */
        class HeartbeatResponse {

            /**
             * Constructs a new HeartbeatResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.HeartbeatResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HeartbeatResponse clientTimeMs. */
            clientTimeMs: number;

            /** HeartbeatResponse serverTimeMs. */
            serverTimeMs: number;

            /**
             * Encodes the specified HeartbeatResponse message. Does not implicitly {@link framegate.v1.HeartbeatResponse.verify|verify} messages.
             * @param message HeartbeatResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.HeartbeatResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HeartbeatResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.HeartbeatResponse & framegate.v1.HeartbeatResponse.$Shape} HeartbeatResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.HeartbeatResponse & framegate.v1.HeartbeatResponse.$Shape;
        }

        namespace HeartbeatResponse {

            /** Properties of a HeartbeatResponse. */
            interface $Properties {

                /** HeartbeatResponse clientTimeMs */
                clientTimeMs?: number;

                /** HeartbeatResponse serverTimeMs */
                serverTimeMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HeartbeatResponse. */
            type $Shape = framegate.v1.HeartbeatResponse.$Properties;
        }

        /**
         * Properties of a LogoutRequest.
         * @deprecated Use framegate.v1.LogoutRequest.$Properties instead.
         */
        interface ILogoutRequest extends framegate.v1.LogoutRequest.$Properties {
        }

        /** Represents a LogoutRequest. */
        class LogoutRequest {

            /**
             * Constructs a new LogoutRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LogoutRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** All sessions of the user, on every device. */
            allSessions: boolean;

            /**
             * Encodes the specified LogoutRequest message. Does not implicitly {@link framegate.v1.LogoutRequest.verify|verify} messages.
             * @param message LogoutRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LogoutRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LogoutRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LogoutRequest & framegate.v1.LogoutRequest.$Shape} LogoutRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LogoutRequest & framegate.v1.LogoutRequest.$Shape;
        }

        namespace LogoutRequest {

            /** Properties of a LogoutRequest. */
            interface $Properties {

                /** All sessions of the user, on every device. */
                allSessions?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LogoutRequest. */
            type $Shape = framegate.v1.LogoutRequest.$Properties;
        }

        /**
         * Properties of a LogoutResponse.
         * @deprecated Use framegate.v1.LogoutResponse.$Properties instead.
         */
        interface ILogoutResponse extends framegate.v1.LogoutResponse.$Properties {
        }

        /** Represents a LogoutResponse. */
        class LogoutResponse {

            /**
             * Constructs a new LogoutResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LogoutResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** How many sessions ended. */
            sessionsEnded: number;

            /**
             * Encodes the specified LogoutResponse message. Does not implicitly {@link framegate.v1.LogoutResponse.verify|verify} messages.
             * @param message LogoutResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LogoutResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LogoutResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LogoutResponse & framegate.v1.LogoutResponse.$Shape} LogoutResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LogoutResponse & framegate.v1.LogoutResponse.$Shape;
        }

        namespace LogoutResponse {

            /** Properties of a LogoutResponse. */
            interface $Properties {

                /** How many sessions ended. */
                sessionsEnded?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LogoutResponse. */
            type $Shape = framegate.v1.LogoutResponse.$Properties;
        }

        /**
         * Properties of a GetUserInfoRequest.
         * @deprecated Use framegate.v1.GetUserInfoRequest.$Properties instead.
         */
        interface IGetUserInfoRequest extends framegate.v1.GetUserInfoRequest.$Properties {
        }

        /** Represents a GetUserInfoRequest. */
        class GetUserInfoRequest {

            /**
             * Constructs a new GetUserInfoRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetUserInfoRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: the user of this session. */
            userId: string;

            /**
             * Encodes the specified GetUserInfoRequest message. Does not implicitly {@link framegate.v1.GetUserInfoRequest.verify|verify} messages.
             * @param message GetUserInfoRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetUserInfoRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetUserInfoRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetUserInfoRequest & framegate.v1.GetUserInfoRequest.$Shape} GetUserInfoRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetUserInfoRequest & framegate.v1.GetUserInfoRequest.$Shape;
        }

        namespace GetUserInfoRequest {

            /** Properties of a GetUserInfoRequest. */
            interface $Properties {

                /** Empty: the user of this session. */
                userId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetUserInfoRequest. */
            type $Shape = framegate.v1.GetUserInfoRequest.$Properties;
        }

        /**
         * Properties of a GetUserInfoResponse.
         * @deprecated Use framegate.v1.GetUserInfoResponse.$Properties instead.
         */
        interface IGetUserInfoResponse extends framegate.v1.GetUserInfoResponse.$Properties {
        }

        /** Represents a GetUserInfoResponse. */
        class GetUserInfoResponse {

            /**
             * Constructs a new GetUserInfoResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetUserInfoResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetUserInfoResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified GetUserInfoResponse message. Does not implicitly {@link framegate.v1.GetUserInfoResponse.verify|verify} messages.
             * @param message GetUserInfoResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetUserInfoResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetUserInfoResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetUserInfoResponse & framegate.v1.GetUserInfoResponse.$Shape} GetUserInfoResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetUserInfoResponse & framegate.v1.GetUserInfoResponse.$Shape;
        }

        namespace GetUserInfoResponse {

            /** Properties of a GetUserInfoResponse. */
            interface $Properties {

                /** GetUserInfoResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetUserInfoResponse. */
            type $Shape = framegate.v1.GetUserInfoResponse.$Properties;
        }

        /**
         * Properties of a SessionRevoked.
         * @deprecated Use framegate.v1.SessionRevoked.$Properties instead.
         */
        interface ISessionRevoked extends framegate.v1.SessionRevoked.$Properties {
        }

        /** The session ended; the connection closes after this push. */
        class SessionRevoked {

            /**
             * Constructs a new SessionRevoked.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SessionRevoked.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SessionRevoked sessionId. */
            sessionId: string;

            /** SessionRevoked reason. */
            reason: framegate.v1.SessionRevoked.Reason;

            /**
             * Encodes the specified SessionRevoked message. Does not implicitly {@link framegate.v1.SessionRevoked.verify|verify} messages.
             * @param message SessionRevoked message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SessionRevoked.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SessionRevoked message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SessionRevoked & framegate.v1.SessionRevoked.$Shape} SessionRevoked
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SessionRevoked & framegate.v1.SessionRevoked.$Shape;
        }

        namespace SessionRevoked {

            /** Properties of a SessionRevoked. */
            interface $Properties {

                /** SessionRevoked sessionId */
                sessionId?: string;

                /** SessionRevoked reason */
                reason?: framegate.v1.SessionRevoked.Reason;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SessionRevoked. */
            type $Shape = framegate.v1.SessionRevoked.$Properties;

            /** Reason enum. */
            enum Reason {

                /** REASON_UNSPECIFIED value */
                REASON_UNSPECIFIED = 0,

                /** Logged out, here or elsewhere. */
                REASON_LOGGED_OUT = 1,

                /** A newer login of the same device, or too many sessions of the user. */
                REASON_REPLACED = 2,

                /** REASON_PASSWORD_CHANGED value */
                REASON_PASSWORD_CHANGED = 3,

                /** A refresh token was used twice: one of the two users of it is a thief. */
                REASON_TOKEN_REUSED = 4,

                /** An administrator ended the session or disabled the account. */
                REASON_ADMINISTRATIVE = 5
            }
        }

        /**
         * Properties of a Notification.
         * @deprecated Use framegate.v1.Notification.$Properties instead.
         */
        interface INotification extends framegate.v1.Notification.$Properties {
        }

        /** A message from the system to a user. */
        class Notification {

            /**
             * Constructs a new Notification.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Notification.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Notification id. */
            id: string;

            /** Notification type. */
            type: string;

            /** Notification title. */
            title: string;

            /** Notification text. */
            text: string;

            /** Notification data. */
            data: { [k: string]: string };

            /** Notification createdAtMs. */
            createdAtMs: number;

            /**
             * Encodes the specified Notification message. Does not implicitly {@link framegate.v1.Notification.verify|verify} messages.
             * @param message Notification message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Notification.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Notification message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Notification & framegate.v1.Notification.$Shape} Notification
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Notification & framegate.v1.Notification.$Shape;
        }

        namespace Notification {

            /** Properties of a Notification. */
            interface $Properties {

                /** Notification id */
                id?: string;

                /** Notification type */
                type?: string;

                /** Notification title */
                title?: string;

                /** Notification text */
                text?: string;

                /** Notification data */
                data?: { [k: string]: string };

                /** Notification createdAtMs */
                createdAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Notification. */
            type $Shape = framegate.v1.Notification.$Properties;
        }

        /**
         * Properties of a Reconnect.
         * @deprecated Use framegate.v1.Reconnect.$Properties instead.
         */
        interface IReconnect extends framegate.v1.Reconnect.$Properties {
        }

        /** This node is about to stop: reconnect after the delay. */
        class Reconnect {

            /**
             * Constructs a new Reconnect.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Reconnect.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Reconnect delayMs. */
            delayMs: number;

            /** Reconnect reason. */
            reason: string;

            /**
             * Encodes the specified Reconnect message. Does not implicitly {@link framegate.v1.Reconnect.verify|verify} messages.
             * @param message Reconnect message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Reconnect.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Reconnect message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Reconnect & framegate.v1.Reconnect.$Shape} Reconnect
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Reconnect & framegate.v1.Reconnect.$Shape;
        }

        namespace Reconnect {

            /** Properties of a Reconnect. */
            interface $Properties {

                /** Reconnect delayMs */
                delayMs?: number;

                /** Reconnect reason */
                reason?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Reconnect. */
            type $Shape = framegate.v1.Reconnect.$Properties;
        }

        /** How calls of one route on one connection relate in time. */
        enum Ordering {

            /** May overlap with anything; replies come as they are ready. */
            ORDERING_UNSPECIFIED = 0,

            /** Runs after the earlier ORDERING_CONNECTION calls of the same connection. */
            ORDERING_CONNECTION = 1,

            /** Like ORDERING_CONNECTION, and nothing that arrives later starts before it has finished. */
            ORDERING_BARRIER = 2
        }

        /**
         * Properties of a Route.
         * @deprecated Use framegate.v1.Route.$Properties instead.
         */
        interface IRoute extends framegate.v1.Route.$Properties {
        }

        /** What the gateway knows of a route beside its messages. */
        class Route {

            /**
             * Constructs a new Route.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Route.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Protocol number, unique in the whole gateway. */
            number: number;

            /** "public": before login; empty: any session; otherwise a permission that a role must grant. */
            permission: string;

            /** Tokens that one call takes from the rate limit buckets; 0 means 1. */
            cost: number;

            /** Route ordering. */
            ordering: framegate.v1.Ordering;

            /**
             * Encodes the specified Route message. Does not implicitly {@link framegate.v1.Route.verify|verify} messages.
             * @param message Route message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Route.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Route message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Route & framegate.v1.Route.$Shape} Route
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Route & framegate.v1.Route.$Shape;
        }

        namespace Route {

            /** Properties of a Route. */
            interface $Properties {

                /** Protocol number, unique in the whole gateway. */
                number?: number;

                /** "public": before login; empty: any session; otherwise a permission that a role must grant. */
                permission?: string;

                /** Tokens that one call takes from the rate limit buckets; 0 means 1. */
                cost?: number;

                /** Route ordering */
                ordering?: framegate.v1.Ordering;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Route. */
            type $Shape = framegate.v1.Route.$Properties;
        }

        /**
         * Properties of a FieldRules.
         * @deprecated Use framegate.v1.FieldRules.$Properties instead.
         */
        interface IFieldRules extends framegate.v1.FieldRules.$Properties {
        }

        /** What a field must hold, checked before the handler runs. A violation names the field. */
        class FieldRules {

            /**
             * Constructs a new FieldRules.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.FieldRules.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Must be present (message, oneof) or not empty (string, bytes, repeated) or not zero (number, enum). */
            required: boolean;

            /** Length in Unicode code points (string) or bytes (bytes). */
            minLen: number;

            /** FieldRules maxLen. */
            maxLen: number;

            /** RE2-compatible pattern that the whole string must match. */
            pattern: string;

            /** Inclusive range of a number. */
            min: (number|null);

            /** FieldRules max. */
            max: (number|null);

            /** Element count of a repeated or map field. */
            minItems: number;

            /** FieldRules maxItems. */
            maxItems: number;

            /** The enum value must be a defined one. */
            definedOnly: boolean;

            /** Keep the value out of logs. */
            secret: boolean;

            /**
             * Encodes the specified FieldRules message. Does not implicitly {@link framegate.v1.FieldRules.verify|verify} messages.
             * @param message FieldRules message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.FieldRules.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FieldRules message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.FieldRules & framegate.v1.FieldRules.$Shape} FieldRules
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.FieldRules & framegate.v1.FieldRules.$Shape;
        }

        namespace FieldRules {

            /** Properties of a FieldRules. */
            interface $Properties {

                /** Must be present (message, oneof) or not empty (string, bytes, repeated) or not zero (number, enum). */
                required?: boolean;

                /** Length in Unicode code points (string) or bytes (bytes). */
                minLen?: number;

                /** FieldRules maxLen */
                maxLen?: number;

                /** RE2-compatible pattern that the whole string must match. */
                pattern?: string;

                /** Inclusive range of a number. */
                min?: (number|null);

                /** FieldRules max */
                max?: (number|null);

                /** Element count of a repeated or map field. */
                minItems?: number;

                /** FieldRules maxItems */
                maxItems?: number;

                /** The enum value must be a defined one. */
                definedOnly?: boolean;

                /** Keep the value out of logs. */
                secret?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FieldRules. */
            type $Shape = framegate.v1.FieldRules.$Properties;
        }

        /**
         * Properties of an Envelope.
         * @deprecated Use framegate.v1.Envelope.$Properties instead.
         */
        interface IEnvelope extends framegate.v1.Envelope.$Properties {
        }

        /** A request, a reply or a push. Binary frames carry it as Protocol Buffers, text frames as JSON. */
        class Envelope {

            /**
             * Constructs a new Envelope.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Envelope.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Protocol number: which route, or which push. */
            protocol: number;

            /** Chosen by the client and echoed in the reply. 0 in a request: no reply wanted. 0 from the server: a push. */
            seq: number;

            /** Replies only; ERROR_CODE_OK (0) is success. */
            code: framegate.v1.ErrorCode;

            /** The message that the route names for this number and direction. */
            body: Uint8Array;

            /** Present only when code is not ERROR_CODE_OK. */
            error: framegate.v1.ErrorDetail;

            /** W3C trace id: 32 lower-case hexadecimal digits. Optional. */
            traceId: string;

            /** Pushes on a recoverable channel: its name, ... */
            channel: string;

            /** ... where in the channel this push stands, ... */
            offset: number;

            /** ... and which life of the channel the offset belongs to. */
            epoch: string;

            /**
             * Encodes the specified Envelope message. Does not implicitly {@link framegate.v1.Envelope.verify|verify} messages.
             * @param message Envelope message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Envelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Envelope message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Envelope & framegate.v1.Envelope.$Shape} Envelope
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Envelope & framegate.v1.Envelope.$Shape;
        }

        namespace Envelope {

            /** Properties of an Envelope. */
            interface $Properties {

                /** Protocol number: which route, or which push. */
                protocol?: number;

                /** Chosen by the client and echoed in the reply. 0 in a request: no reply wanted. 0 from the server: a push. */
                seq?: number;

                /** Replies only; ERROR_CODE_OK (0) is success. */
                code?: framegate.v1.ErrorCode;

                /** The message that the route names for this number and direction. */
                body?: Uint8Array;

                /** Present only when code is not ERROR_CODE_OK. */
                error?: framegate.v1.ErrorDetail.$Properties;

                /** W3C trace id: 32 lower-case hexadecimal digits. Optional. */
                traceId?: string;

                /** Pushes on a recoverable channel: its name, ... */
                channel?: string;

                /** ... where in the channel this push stands, ... */
                offset?: number;

                /** ... and which life of the channel the offset belongs to. */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Envelope. */
            type $Shape = framegate.v1.Envelope.$Properties;
        }

        /**
         * Properties of an ErrorDetail.
         * @deprecated Use framegate.v1.ErrorDetail.$Properties instead.
         */
        interface IErrorDetail extends framegate.v1.ErrorDetail.$Properties {
        }

        /** Why a request failed, for people (message) and for programs (everything else). */
        class ErrorDetail {

            /**
             * Constructs a new ErrorDetail.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ErrorDetail.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ErrorDetail message. */
            message: string;

            /** The same request may succeed later. */
            retryable: boolean;

            /** With retryable: how long to wait first, in milliseconds. */
            retryAfterMs: number;

            /** ErrorDetail violations. */
            violations: framegate.v1.FieldViolation[];

            /**
             * Encodes the specified ErrorDetail message. Does not implicitly {@link framegate.v1.ErrorDetail.verify|verify} messages.
             * @param message ErrorDetail message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ErrorDetail.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ErrorDetail message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ErrorDetail & framegate.v1.ErrorDetail.$Shape} ErrorDetail
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ErrorDetail & framegate.v1.ErrorDetail.$Shape;
        }

        namespace ErrorDetail {

            /** Properties of an ErrorDetail. */
            interface $Properties {

                /** ErrorDetail message */
                message?: string;

                /** The same request may succeed later. */
                retryable?: boolean;

                /** With retryable: how long to wait first, in milliseconds. */
                retryAfterMs?: number;

                /** ErrorDetail violations */
                violations?: framegate.v1.FieldViolation.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ErrorDetail. */
            type $Shape = framegate.v1.ErrorDetail.$Properties;
        }

        /**
         * Properties of a FieldViolation.
         * @deprecated Use framegate.v1.FieldViolation.$Properties instead.
         */
        interface IFieldViolation extends framegate.v1.FieldViolation.$Properties {
        }

        /** One field that broke its rule. */
        class FieldViolation {

            /**
             * Constructs a new FieldViolation.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.FieldViolation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Path of the field in proto names: "positions[2].channel". */
            field: string;

            /** What was expected: "must be at most 32 characters". */
            description: string;

            /**
             * Encodes the specified FieldViolation message. Does not implicitly {@link framegate.v1.FieldViolation.verify|verify} messages.
             * @param message FieldViolation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.FieldViolation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FieldViolation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.FieldViolation & framegate.v1.FieldViolation.$Shape} FieldViolation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.FieldViolation & framegate.v1.FieldViolation.$Shape;
        }

        namespace FieldViolation {

            /** Properties of a FieldViolation. */
            interface $Properties {

                /** Path of the field in proto names: "positions[2].channel". */
                field?: string;

                /** What was expected: "must be at most 32 characters". */
                description?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FieldViolation. */
            type $Shape = framegate.v1.FieldViolation.$Properties;
        }

        /** Reply codes. Numbers are stable; retry behaviour is in ErrorDetail. */
        enum ErrorCode {

            /** ERROR_CODE_OK value */
            ERROR_CODE_OK = 0,

            /** A fault of the gateway; retryable. */
            ERROR_CODE_INTERNAL = 1,

            /** No valid session or credentials. */
            ERROR_CODE_UNAUTHENTICATED = 2,

            /** The access token was valid once; refresh it. */
            ERROR_CODE_TOKEN_EXPIRED = 3,

            /** The session's roles do not grant what the route needs. */
            ERROR_CODE_PERMISSION_DENIED = 4,

            /** No route has this protocol number. */
            ERROR_CODE_UNKNOWN_PROTOCOL = 5,

            /** The body is not the message that the route expects. */
            ERROR_CODE_BAD_REQUEST = 6,

            /** The body decodes but breaks field rules; violations name the fields. */
            ERROR_CODE_VALIDATION_FAILED = 7,

            /** ERROR_CODE_NOT_FOUND value */
            ERROR_CODE_NOT_FOUND = 8,

            /** ERROR_CODE_ALREADY_EXISTS value */
            ERROR_CODE_ALREADY_EXISTS = 9,

            /** The state changed under the request. */
            ERROR_CODE_CONFLICT = 10,

            /** Over a limit; retryable after retry_after_ms. */
            ERROR_CODE_RATE_LIMITED = 11,

            /** ERROR_CODE_TOO_MANY_CONNECTIONS value */
            ERROR_CODE_TOO_MANY_CONNECTIONS = 12,

            /** Something the request needs (Redis, SQL, an upstream) is down, or the node is draining; retryable. */
            ERROR_CODE_UNAVAILABLE = 13,

            /** The request was not finished in time; retryable. */
            ERROR_CODE_TIMEOUT = 14,

            /** The position to resume from is no longer held. */
            ERROR_CODE_UNRECOVERABLE_POSITION = 15,

            /** The request is valid but not in the present state. */
            ERROR_CODE_PRECONDITION_FAILED = 16,

            /** ERROR_CODE_PAYLOAD_TOO_LARGE value */
            ERROR_CODE_PAYLOAD_TOO_LARGE = 17,

            /** An upstream answered with an error of its own. */
            ERROR_CODE_UPSTREAM_FAILED = 18
        }
    }
}
