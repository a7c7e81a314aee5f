import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace framegate. */
export namespace framegate {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a SubscribeChannelRequest.
         * @deprecated Use framegate.v1.SubscribeChannelRequest.$Properties instead.
         */
        interface ISubscribeChannelRequest extends framegate.v1.SubscribeChannelRequest.$Properties {
        }

        /** Represents a SubscribeChannelRequest. */
        class SubscribeChannelRequest {

            /**
             * Constructs a new SubscribeChannelRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscribeChannelRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** `namespace:rest`. */
            channel: string;

            /** The last position that this client has: what was published after it is sent before the reply. An empty epoch: none. */
            offset: number;

            /** SubscribeChannelRequest epoch. */
            epoch: string;

            /** A subscription token, where the namespace asks for one. */
            token: string;

            /** Wants deltas, where the namespace has them: see Publication. */
            delta: boolean;

            /** Wants PresenceEvent as well, where the namespace has them. */
            presenceEvents: boolean;

            /**
             * Encodes the specified SubscribeChannelRequest message. Does not implicitly {@link framegate.v1.SubscribeChannelRequest.verify|verify} messages.
             * @param message SubscribeChannelRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscribeChannelRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeChannelRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscribeChannelRequest & framegate.v1.SubscribeChannelRequest.$Shape} SubscribeChannelRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscribeChannelRequest & framegate.v1.SubscribeChannelRequest.$Shape;
        }

        namespace SubscribeChannelRequest {

            /** Properties of a SubscribeChannelRequest. */
            interface $Properties {

                /** `namespace:rest`. */
                channel?: string;

                /** The last position that this client has: what was published after it is sent before the reply. An empty epoch: none. */
                offset?: number;

                /** SubscribeChannelRequest epoch */
                epoch?: string;

                /** A subscription token, where the namespace asks for one. */
                token?: string;

                /** Wants deltas, where the namespace has them: see Publication. */
                delta?: boolean;

                /** Wants PresenceEvent as well, where the namespace has them. */
                presenceEvents?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscribeChannelRequest. */
            type $Shape = framegate.v1.SubscribeChannelRequest.$Properties;
        }

        /**
         * Properties of a SubscribeChannelResponse.
         * @deprecated Use framegate.v1.SubscribeChannelResponse.$Properties instead.
         */
        interface ISubscribeChannelResponse extends framegate.v1.SubscribeChannelResponse.$Properties {
        }

        /** Represents a SubscribeChannelResponse. */
        class SubscribeChannelResponse {

            /**
             * Constructs a new SubscribeChannelResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscribeChannelResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscribeChannelResponse channel. */
            channel: string;

            /** Pushes after this position are delivered. */
            offset: number;

            /** SubscribeChannelResponse epoch. */
            epoch: string;

            /** Everything after the position presented was sent; false when none was, or when something is missing. */
            recovered: boolean;

            /** Publications may come as deltas. */
            delta: boolean;

            /** When the token ends, and the subscription with it unless it is renewed; 0: never. Unix milliseconds. */
            expiresAtMs: number;

            /** The channel on which presence events come, if they were wanted and are to be had. */
            positions: framegate.v1.ChannelPosition[];

            /**
             * Encodes the specified SubscribeChannelResponse message. Does not implicitly {@link framegate.v1.SubscribeChannelResponse.verify|verify} messages.
             * @param message SubscribeChannelResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscribeChannelResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeChannelResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscribeChannelResponse & framegate.v1.SubscribeChannelResponse.$Shape} SubscribeChannelResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscribeChannelResponse & framegate.v1.SubscribeChannelResponse.$Shape;
        }

        namespace SubscribeChannelResponse {

            /** Properties of a SubscribeChannelResponse. */
            interface $Properties {

                /** SubscribeChannelResponse channel */
                channel?: string;

                /** Pushes after this position are delivered. */
                offset?: number;

                /** SubscribeChannelResponse epoch */
                epoch?: string;

                /** Everything after the position presented was sent; false when none was, or when something is missing. */
                recovered?: boolean;

                /** Publications may come as deltas. */
                delta?: boolean;

                /** When the token ends, and the subscription with it unless it is renewed; 0: never. Unix milliseconds. */
                expiresAtMs?: number;

                /** The channel on which presence events come, if they were wanted and are to be had. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscribeChannelResponse. */
            type $Shape = framegate.v1.SubscribeChannelResponse.$Properties;
        }

        /**
         * Properties of an UnsubscribeChannelRequest.
         * @deprecated Use framegate.v1.UnsubscribeChannelRequest.$Properties instead.
         */
        interface IUnsubscribeChannelRequest extends framegate.v1.UnsubscribeChannelRequest.$Properties {
        }

        /** Represents an UnsubscribeChannelRequest. */
        class UnsubscribeChannelRequest {

            /**
             * Constructs a new UnsubscribeChannelRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnsubscribeChannelRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UnsubscribeChannelRequest channel. */
            channel: string;

            /**
             * Encodes the specified UnsubscribeChannelRequest message. Does not implicitly {@link framegate.v1.UnsubscribeChannelRequest.verify|verify} messages.
             * @param message UnsubscribeChannelRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnsubscribeChannelRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnsubscribeChannelRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnsubscribeChannelRequest & framegate.v1.UnsubscribeChannelRequest.$Shape} UnsubscribeChannelRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnsubscribeChannelRequest & framegate.v1.UnsubscribeChannelRequest.$Shape;
        }

        namespace UnsubscribeChannelRequest {

            /** Properties of an UnsubscribeChannelRequest. */
            interface $Properties {

                /** UnsubscribeChannelRequest channel */
                channel?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnsubscribeChannelRequest. */
            type $Shape = framegate.v1.UnsubscribeChannelRequest.$Properties;
        }

        /**
         * Properties of an UnsubscribeChannelResponse.
         * @deprecated Use framegate.v1.UnsubscribeChannelResponse.$Properties instead.
         */
        interface IUnsubscribeChannelResponse extends framegate.v1.UnsubscribeChannelResponse.$Properties {
        }

        /** Represents an UnsubscribeChannelResponse. */
        class UnsubscribeChannelResponse {

            /**
             * Constructs a new UnsubscribeChannelResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnsubscribeChannelResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified UnsubscribeChannelResponse message. Does not implicitly {@link framegate.v1.UnsubscribeChannelResponse.verify|verify} messages.
             * @param message UnsubscribeChannelResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnsubscribeChannelResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnsubscribeChannelResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnsubscribeChannelResponse & framegate.v1.UnsubscribeChannelResponse.$Shape} UnsubscribeChannelResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnsubscribeChannelResponse & framegate.v1.UnsubscribeChannelResponse.$Shape;
        }

        namespace UnsubscribeChannelResponse {

            /** Properties of an UnsubscribeChannelResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnsubscribeChannelResponse. */
            type $Shape = framegate.v1.UnsubscribeChannelResponse.$Properties;
        }

        /**
         * Properties of a PublishChannelRequest.
         * @deprecated Use framegate.v1.PublishChannelRequest.$Properties instead.
         */
        interface IPublishChannelRequest extends framegate.v1.PublishChannelRequest.$Properties {
        }

        /** Represents a PublishChannelRequest. */
        class PublishChannelRequest {

            /**
             * Constructs a new PublishChannelRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PublishChannelRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishChannelRequest channel. */
            channel: string;

            /** How long it may be depends on the namespace. */
            data: Uint8Array;

            /**
             * Makes a repeat harmless: within five minutes, the caller's second publication under the same id on the same channel is not
             * published, and the position of the first is given.
             */
            publicationId: string;

            /** A subscription token that permits to publish, where the namespace asks for one. */
            token: string;

            /**
             * Encodes the specified PublishChannelRequest message. Does not implicitly {@link framegate.v1.PublishChannelRequest.verify|verify} messages.
             * @param message PublishChannelRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PublishChannelRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishChannelRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PublishChannelRequest & framegate.v1.PublishChannelRequest.$Shape} PublishChannelRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PublishChannelRequest & framegate.v1.PublishChannelRequest.$Shape;
        }

        namespace PublishChannelRequest {

            /** Properties of a PublishChannelRequest. */
            interface $Properties {

                /** PublishChannelRequest channel */
                channel?: string;

                /** How long it may be depends on the namespace. */
                data?: Uint8Array;

                /**
                 * Makes a repeat harmless: within five minutes, the caller's second publication under the same id on the same channel is not
                 * published, and the position of the first is given.
                 */
                publicationId?: string;

                /** A subscription token that permits to publish, where the namespace asks for one. */
                token?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishChannelRequest. */
            type $Shape = framegate.v1.PublishChannelRequest.$Properties;
        }

        /**
         * Properties of a PublishChannelResponse.
         * @deprecated Use framegate.v1.PublishChannelResponse.$Properties instead.
         */
        interface IPublishChannelResponse extends framegate.v1.PublishChannelResponse.$Properties {
        }

        /** Represents a PublishChannelResponse. */
        class PublishChannelResponse {

            /**
             * Constructs a new PublishChannelResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PublishChannelResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishChannelResponse offset. */
            offset: number;

            /** PublishChannelResponse epoch. */
            epoch: string;

            /**
             * Encodes the specified PublishChannelResponse message. Does not implicitly {@link framegate.v1.PublishChannelResponse.verify|verify} messages.
             * @param message PublishChannelResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PublishChannelResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishChannelResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PublishChannelResponse & framegate.v1.PublishChannelResponse.$Shape} PublishChannelResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PublishChannelResponse & framegate.v1.PublishChannelResponse.$Shape;
        }

        namespace PublishChannelResponse {

            /** Properties of a PublishChannelResponse. */
            interface $Properties {

                /** PublishChannelResponse offset */
                offset?: number;

                /** PublishChannelResponse epoch */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishChannelResponse. */
            type $Shape = framegate.v1.PublishChannelResponse.$Properties;
        }

        /**
         * Properties of a ChannelHistoryRequest.
         * @deprecated Use framegate.v1.ChannelHistoryRequest.$Properties instead.
         */
        interface IChannelHistoryRequest extends framegate.v1.ChannelHistoryRequest.$Properties {
        }

        /** Represents a ChannelHistoryRequest. */
        class ChannelHistoryRequest {

            /**
             * Constructs a new ChannelHistoryRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelHistoryRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelHistoryRequest channel. */
            channel: string;

            /** How many at most; 0: 100. A reply may have fewer, since its size is bounded as well. */
            limit: number;

            /** Those after this position, oldest first; needs `epoch`. */
            afterOffset: number;

            /** The epoch of `after_offset` or `before_offset`; empty: the latest publications. */
            epoch: string;

            /** Those before this offset, the latest of them; needs `epoch`. 0: `after_offset` counts. */
            beforeOffset: number;

            /** As in SubscribeChannel. */
            token: string;

            /**
             * Encodes the specified ChannelHistoryRequest message. Does not implicitly {@link framegate.v1.ChannelHistoryRequest.verify|verify} messages.
             * @param message ChannelHistoryRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelHistoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelHistoryRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelHistoryRequest & framegate.v1.ChannelHistoryRequest.$Shape} ChannelHistoryRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelHistoryRequest & framegate.v1.ChannelHistoryRequest.$Shape;
        }

        namespace ChannelHistoryRequest {

            /** Properties of a ChannelHistoryRequest. */
            interface $Properties {

                /** ChannelHistoryRequest channel */
                channel?: string;

                /** How many at most; 0: 100. A reply may have fewer, since its size is bounded as well. */
                limit?: number;

                /** Those after this position, oldest first; needs `epoch`. */
                afterOffset?: number;

                /** The epoch of `after_offset` or `before_offset`; empty: the latest publications. */
                epoch?: string;

                /** Those before this offset, the latest of them; needs `epoch`. 0: `after_offset` counts. */
                beforeOffset?: number;

                /** As in SubscribeChannel. */
                token?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelHistoryRequest. */
            type $Shape = framegate.v1.ChannelHistoryRequest.$Properties;
        }

        /**
         * Properties of a ChannelHistoryResponse.
         * @deprecated Use framegate.v1.ChannelHistoryResponse.$Properties instead.
         */
        interface IChannelHistoryResponse extends framegate.v1.ChannelHistoryResponse.$Properties {
        }

        /** Represents a ChannelHistoryResponse. */
        class ChannelHistoryResponse {

            /**
             * Constructs a new ChannelHistoryResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelHistoryResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Oldest first, without a gap between them. */
            publications: framegate.v1.ChannelHistoryEntry[];

            /** Where the channel stands now. */
            offset: number;

            /** ChannelHistoryResponse epoch. */
            epoch: string;

            /** false: something that was asked for is not kept any more, or the epoch is another one. */
            complete: boolean;

            /**
             * Encodes the specified ChannelHistoryResponse message. Does not implicitly {@link framegate.v1.ChannelHistoryResponse.verify|verify} messages.
             * @param message ChannelHistoryResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelHistoryResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelHistoryResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelHistoryResponse & framegate.v1.ChannelHistoryResponse.$Shape} ChannelHistoryResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelHistoryResponse & framegate.v1.ChannelHistoryResponse.$Shape;
        }

        namespace ChannelHistoryResponse {

            /** Properties of a ChannelHistoryResponse. */
            interface $Properties {

                /** Oldest first, without a gap between them. */
                publications?: framegate.v1.ChannelHistoryEntry.$Properties[];

                /** Where the channel stands now. */
                offset?: number;

                /** ChannelHistoryResponse epoch */
                epoch?: string;

                /** false: something that was asked for is not kept any more, or the epoch is another one. */
                complete?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelHistoryResponse. */
            type $Shape = framegate.v1.ChannelHistoryResponse.$Properties;
        }

        /**
         * Properties of a ChannelHistoryEntry.
         * @deprecated Use framegate.v1.ChannelHistoryEntry.$Properties instead.
         */
        interface IChannelHistoryEntry extends framegate.v1.ChannelHistoryEntry.$Properties {
        }

        /** Represents a ChannelHistoryEntry. */
        class ChannelHistoryEntry {

            /**
             * Constructs a new ChannelHistoryEntry.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelHistoryEntry.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelHistoryEntry offset. */
            offset: number;

            /** ChannelHistoryEntry publication. */
            publication: framegate.v1.Publication;

            /**
             * Encodes the specified ChannelHistoryEntry message. Does not implicitly {@link framegate.v1.ChannelHistoryEntry.verify|verify} messages.
             * @param message ChannelHistoryEntry message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelHistoryEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelHistoryEntry message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelHistoryEntry & framegate.v1.ChannelHistoryEntry.$Shape} ChannelHistoryEntry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelHistoryEntry & framegate.v1.ChannelHistoryEntry.$Shape;
        }

        namespace ChannelHistoryEntry {

            /** Properties of a ChannelHistoryEntry. */
            interface $Properties {

                /** ChannelHistoryEntry offset */
                offset?: number;

                /** ChannelHistoryEntry publication */
                publication?: framegate.v1.Publication.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelHistoryEntry. */
            type $Shape = framegate.v1.ChannelHistoryEntry.$Properties;
        }

        /**
         * Properties of a ChannelPresenceRequest.
         * @deprecated Use framegate.v1.ChannelPresenceRequest.$Properties instead.
         */
        interface IChannelPresenceRequest extends framegate.v1.ChannelPresenceRequest.$Properties {
        }

        /** Represents a ChannelPresenceRequest. */
        class ChannelPresenceRequest {

            /**
             * Constructs a new ChannelPresenceRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelPresenceRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelPresenceRequest channel. */
            channel: string;

            /** How many users at most; 0: 100. A reply may have a few more. */
            limit: number;

            /** `next_cursor` of the page before. */
            cursor: string;

            /** As in SubscribeChannel. */
            token: string;

            /**
             * Encodes the specified ChannelPresenceRequest message. Does not implicitly {@link framegate.v1.ChannelPresenceRequest.verify|verify} messages.
             * @param message ChannelPresenceRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelPresenceRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelPresenceRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelPresenceRequest & framegate.v1.ChannelPresenceRequest.$Shape} ChannelPresenceRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelPresenceRequest & framegate.v1.ChannelPresenceRequest.$Shape;
        }

        namespace ChannelPresenceRequest {

            /** Properties of a ChannelPresenceRequest. */
            interface $Properties {

                /** ChannelPresenceRequest channel */
                channel?: string;

                /** How many users at most; 0: 100. A reply may have a few more. */
                limit?: number;

                /** `next_cursor` of the page before. */
                cursor?: string;

                /** As in SubscribeChannel. */
                token?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelPresenceRequest. */
            type $Shape = framegate.v1.ChannelPresenceRequest.$Properties;
        }

        /**
         * Properties of a ChannelPresenceResponse.
         * @deprecated Use framegate.v1.ChannelPresenceResponse.$Properties instead.
         */
        interface IChannelPresenceResponse extends framegate.v1.ChannelPresenceResponse.$Properties {
        }

        /** Represents a ChannelPresenceResponse. */
        class ChannelPresenceResponse {

            /**
             * Constructs a new ChannelPresenceResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelPresenceResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In no order. A user who comes or goes between two pages may be on none or on both. */
            users: framegate.v1.PresentUser[];

            /** Of all pages. */
            count: number;

            /** Empty: this was the last page. */
            nextCursor: string;

            /**
             * Encodes the specified ChannelPresenceResponse message. Does not implicitly {@link framegate.v1.ChannelPresenceResponse.verify|verify} messages.
             * @param message ChannelPresenceResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelPresenceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelPresenceResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelPresenceResponse & framegate.v1.ChannelPresenceResponse.$Shape} ChannelPresenceResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelPresenceResponse & framegate.v1.ChannelPresenceResponse.$Shape;
        }

        namespace ChannelPresenceResponse {

            /** Properties of a ChannelPresenceResponse. */
            interface $Properties {

                /** In no order. A user who comes or goes between two pages may be on none or on both. */
                users?: framegate.v1.PresentUser.$Properties[];

                /** Of all pages. */
                count?: number;

                /** Empty: this was the last page. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelPresenceResponse. */
            type $Shape = framegate.v1.ChannelPresenceResponse.$Properties;
        }

        /**
         * Properties of a PresentUser.
         * @deprecated Use framegate.v1.PresentUser.$Properties instead.
         */
        interface IPresentUser extends framegate.v1.PresentUser.$Properties {
        }

        /** Represents a PresentUser. */
        class PresentUser {

            /**
             * Constructs a new PresentUser.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PresentUser.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PresentUser userId. */
            userId: string;

            /** When the user came, in Unix milliseconds. */
            sinceMs: number;

            /**
             * Encodes the specified PresentUser message. Does not implicitly {@link framegate.v1.PresentUser.verify|verify} messages.
             * @param message PresentUser message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PresentUser.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PresentUser message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PresentUser & framegate.v1.PresentUser.$Shape} PresentUser
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PresentUser & framegate.v1.PresentUser.$Shape;
        }

        namespace PresentUser {

            /** Properties of a PresentUser. */
            interface $Properties {

                /** PresentUser userId */
                userId?: string;

                /** When the user came, in Unix milliseconds. */
                sinceMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PresentUser. */
            type $Shape = framegate.v1.PresentUser.$Properties;
        }

        /**
         * Properties of a ListActiveChannelsRequest.
         * @deprecated Use framegate.v1.ListActiveChannelsRequest.$Properties instead.
         */
        interface IListActiveChannelsRequest extends framegate.v1.ListActiveChannelsRequest.$Properties {
        }

        /** Represents a ListActiveChannelsRequest. */
        class ListActiveChannelsRequest {

            /**
             * Constructs a new ListActiveChannelsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListActiveChannelsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListActiveChannelsRequest namespace. */
            namespace: string;

            /** `next_cursor` of the page before: the name of its last channel. */
            cursor: string;

            /** How many at most; 0: 100. */
            limit: number;

            /**
             * Encodes the specified ListActiveChannelsRequest message. Does not implicitly {@link framegate.v1.ListActiveChannelsRequest.verify|verify} messages.
             * @param message ListActiveChannelsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListActiveChannelsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListActiveChannelsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListActiveChannelsRequest & framegate.v1.ListActiveChannelsRequest.$Shape} ListActiveChannelsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListActiveChannelsRequest & framegate.v1.ListActiveChannelsRequest.$Shape;
        }

        namespace ListActiveChannelsRequest {

            /** Properties of a ListActiveChannelsRequest. */
            interface $Properties {

                /** ListActiveChannelsRequest namespace */
                namespace?: string;

                /** `next_cursor` of the page before: the name of its last channel. */
                cursor?: string;

                /** How many at most; 0: 100. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListActiveChannelsRequest. */
            type $Shape = framegate.v1.ListActiveChannelsRequest.$Properties;
        }

        /**
         * Properties of a ListActiveChannelsResponse.
         * @deprecated Use framegate.v1.ListActiveChannelsResponse.$Properties instead.
         */
        interface IListActiveChannelsResponse extends framegate.v1.ListActiveChannelsResponse.$Properties {
        }

        /** Represents a ListActiveChannelsResponse. */
        class ListActiveChannelsResponse {

            /**
             * Constructs a new ListActiveChannelsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListActiveChannelsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListActiveChannelsResponse channels. */
            channels: string[];

            /** Empty: this was the last page. */
            nextCursor: string;

            /**
             * Encodes the specified ListActiveChannelsResponse message. Does not implicitly {@link framegate.v1.ListActiveChannelsResponse.verify|verify} messages.
             * @param message ListActiveChannelsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListActiveChannelsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListActiveChannelsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListActiveChannelsResponse & framegate.v1.ListActiveChannelsResponse.$Shape} ListActiveChannelsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListActiveChannelsResponse & framegate.v1.ListActiveChannelsResponse.$Shape;
        }

        namespace ListActiveChannelsResponse {

            /** Properties of a ListActiveChannelsResponse. */
            interface $Properties {

                /** ListActiveChannelsResponse channels */
                channels?: string[];

                /** Empty: this was the last page. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListActiveChannelsResponse. */
            type $Shape = framegate.v1.ListActiveChannelsResponse.$Properties;
        }

        /**
         * Properties of a Publication.
         * @deprecated Use framegate.v1.Publication.$Properties instead.
         */
        interface IPublication extends framegate.v1.Publication.$Properties {
        }

        /** What was published. The channel and its position are in the envelope. */
        class Publication {

            /**
             * Constructs a new Publication.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Publication.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * The data; with `delta`, the difference to the data of the publication with the offset before this one, in the format of
             * Fossil's deltas: https://fossil-scm.org/home/doc/trunk/www/delta_format.wiki
             */
            data: Uint8Array;

            /** Only where deltas were asked for. A client that does not have the publication before this one has a gap. */
            delta: boolean;

            /** The user who published; empty: a backend. */
            publisherId: string;

            /** Publication publishedAtMs. */
            publishedAtMs: number;

            /** The id that the publisher gave it. */
            publicationId: string;

            /**
             * Encodes the specified Publication message. Does not implicitly {@link framegate.v1.Publication.verify|verify} messages.
             * @param message Publication message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Publication.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Publication message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Publication & framegate.v1.Publication.$Shape} Publication
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Publication & framegate.v1.Publication.$Shape;
        }

        namespace Publication {

            /** Properties of a Publication. */
            interface $Properties {

                /**
                 * The data; with `delta`, the difference to the data of the publication with the offset before this one, in the format of
                 * Fossil's deltas: https://fossil-scm.org/home/doc/trunk/www/delta_format.wiki
                 */
                data?: Uint8Array;

                /** Only where deltas were asked for. A client that does not have the publication before this one has a gap. */
                delta?: boolean;

                /** The user who published; empty: a backend. */
                publisherId?: string;

                /** Publication publishedAtMs */
                publishedAtMs?: number;

                /** The id that the publisher gave it. */
                publicationId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Publication. */
            type $Shape = framegate.v1.Publication.$Properties;
        }

        /**
         * Properties of a PresenceEvent.
         * @deprecated Use framegate.v1.PresenceEvent.$Properties instead.
         */
        interface IPresenceEvent extends framegate.v1.PresenceEvent.$Properties {
        }

        /** A user came into a channel with the first connection, or left it with the last. */
        class PresenceEvent {

            /**
             * Constructs a new PresenceEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PresenceEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PresenceEvent channel. */
            channel: string;

            /** PresenceEvent kind. */
            kind: framegate.v1.PresenceEvent.Kind;

            /** PresenceEvent userId. */
            userId: string;

            /** PresenceEvent atMs. */
            atMs: number;

            /**
             * Encodes the specified PresenceEvent message. Does not implicitly {@link framegate.v1.PresenceEvent.verify|verify} messages.
             * @param message PresenceEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PresenceEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PresenceEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PresenceEvent & framegate.v1.PresenceEvent.$Shape} PresenceEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PresenceEvent & framegate.v1.PresenceEvent.$Shape;
        }

        namespace PresenceEvent {

            /** Properties of a PresenceEvent. */
            interface $Properties {

                /** PresenceEvent channel */
                channel?: string;

                /** PresenceEvent kind */
                kind?: framegate.v1.PresenceEvent.Kind;

                /** PresenceEvent userId */
                userId?: string;

                /** PresenceEvent atMs */
                atMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PresenceEvent. */
            type $Shape = framegate.v1.PresenceEvent.$Properties;

            /** Kind enum. */
            enum Kind {

                /** KIND_UNSPECIFIED value */
                KIND_UNSPECIFIED = 0,

                /** KIND_JOINED value */
                KIND_JOINED = 1,

                /** KIND_LEFT value */
                KIND_LEFT = 2
            }
        }

        /**
         * Properties of a SubscriptionRevoked.
         * @deprecated Use framegate.v1.SubscriptionRevoked.$Properties instead.
         */
        interface ISubscriptionRevoked extends framegate.v1.SubscriptionRevoked.$Properties {
        }

        /** The gateway has ended a subscription of this connection. Nothing more comes on the channel. */
        class SubscriptionRevoked {

            /**
             * Constructs a new SubscriptionRevoked.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscriptionRevoked.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscriptionRevoked channel. */
            channel: string;

            /** SubscriptionRevoked reason. */
            reason: framegate.v1.SubscriptionRevoked.Reason;

            /**
             * Encodes the specified SubscriptionRevoked message. Does not implicitly {@link framegate.v1.SubscriptionRevoked.verify|verify} messages.
             * @param message SubscriptionRevoked message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscriptionRevoked.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscriptionRevoked message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscriptionRevoked & framegate.v1.SubscriptionRevoked.$Shape} SubscriptionRevoked
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscriptionRevoked & framegate.v1.SubscriptionRevoked.$Shape;
        }

        namespace SubscriptionRevoked {

            /** Properties of a SubscriptionRevoked. */
            interface $Properties {

                /** SubscriptionRevoked channel */
                channel?: string;

                /** SubscriptionRevoked reason */
                reason?: framegate.v1.SubscriptionRevoked.Reason;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscriptionRevoked. */
            type $Shape = framegate.v1.SubscriptionRevoked.$Properties;

            /** Reason enum. */
            enum Reason {

                /** REASON_UNSPECIFIED value */
                REASON_UNSPECIFIED = 0,

                /** A backend unsubscribed the user. */
                REASON_UNSUBSCRIBED = 1,

                /** The token has expired: subscribe with a new one, and with the last position. */
                REASON_EXPIRED = 2,

                /** The user may not subscribe to the channel any more. */
                REASON_NOT_PERMITTED = 3
            }
        }

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

            /** User avatarUrl. */
            avatarUrl: string;

            /** Only in a user's own record; not with Connect. */
            metadata: { [k: string]: string };

            /** Only in a user's own record. */
            status: framegate.v1.UserStatus;

            /** Only in a user's own record; not with Connect. */
            updatedAtMs: number;

            /** Counts up with each change. Only in a user's own record. */
            version: number;

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

                /** User avatarUrl */
                avatarUrl?: string;

                /** Only in a user's own record; not with Connect. */
                metadata?: { [k: string]: string };

                /** Only in a user's own record. */
                status?: framegate.v1.UserStatus;

                /** Only in a user's own record; not with Connect. */
                updatedAtMs?: number;

                /** Counts up with each change. Only in a user's own record. */
                version?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a User. */
            type $Shape = framegate.v1.User.$Properties;
        }

        /** UserStatus enum. */
        enum UserStatus {

            /** USER_STATUS_UNSPECIFIED value */
            USER_STATUS_UNSPECIFIED = 0,

            /** USER_STATUS_ACTIVE value */
            USER_STATUS_ACTIVE = 1,

            /** Has no sessions, and cannot log in. */
            USER_STATUS_DISABLED = 2
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

        /** The properties of the connection that the client has just authenticated. */
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

            /** The gateway pings a quiet connection this often. A client that cannot answer pings sends Heartbeat instead. */
            heartbeatIntervalMs: number;

            /** Largest WebSocket message that the gateway accepts. */
            maxMessageBytes: number;

            /** SessionInfo permissions. */
            permissions: string[];

            /** Largest WebSocket message that the gateway sends, in either encoding. */
            maxSentMessageBytes: number;

            /** When the token that the client has presented expires: by then it presents the next one. */
            expiresAtMs: number;

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

                /** The gateway pings a quiet connection this often. A client that cannot answer pings sends Heartbeat instead. */
                heartbeatIntervalMs?: number;

                /** Largest WebSocket message that the gateway accepts. */
                maxMessageBytes?: number;

                /** SessionInfo permissions */
                permissions?: string[];

                /** Largest WebSocket message that the gateway sends, in either encoding. */
                maxSentMessageBytes?: number;

                /** When the token that the client has presented expires: by then it presents the next one. */
                expiresAtMs?: number;

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

        /** The result of one presented position. */
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

            /**
             * true: every push after the presented position was sent, in order, before this reply. false: fetch the state again;
             * there is a gap, or no position was presented that could be recovered.
             */
            recovered: boolean;

            /** Pushes after this position are delivered. */
            offset: number;

            /** Empty when the connection is not subscribed to the channel: the user may not, or it has too many subscriptions. */
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

                /**
                 * true: every push after the presented position was sent, in order, before this reply. false: fetch the state again;
                 * there is a gap, or no position was presented that could be recovered.
                 */
                recovered?: boolean;

                /** Pushes after this position are delivered. */
                offset?: number;

                /** Empty when the connection is not subscribed to the channel: the user may not, or it has too many subscriptions. */
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

            /** Last positions of the channels to resume. Every twenty of them cost one token more. */
            positions: framegate.v1.ChannelPosition[];

            /** Of these channels, those on which deltas are wanted: see SubscribeChannel. */
            deltaChannels: string[];

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

                /** Last positions of the channels to resume. Every twenty of them cost one token more. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

                /** Of these channels, those on which deltas are wanted: see SubscribeChannel. */
                deltaChannels?: string[];

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

            /** The user's own record, as Login returns it, of the time when the access token was issued. */
            user: framegate.v1.User;

            /** One for each position presented, and one for each of the user's own channels: inbox and events. Missed pushes arrive before this reply. */
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

                /** The user's own record, as Login returns it, of the time when the access token was issued. */
                user?: framegate.v1.User.$Properties;

                /** One for each position presented, and one for each of the user's own channels: inbox and events. Missed pushes arrive before this reply. */
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

            /** Channels that the connection is subscribed to from here on: the user's inbox and events. */
            positions: framegate.v1.ChannelPosition[];

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

                /** Channels that the connection is subscribed to from here on: the user's inbox and events. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

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
         * Properties of a ListUsersRequest.
         * @deprecated Use framegate.v1.ListUsersRequest.$Properties instead.
         */
        interface IListUsersRequest extends framegate.v1.ListUsersRequest.$Properties {
        }

        /** Represents a ListUsersRequest. */
        class ListUsersRequest {

            /**
             * Constructs a new ListUsersRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListUsersRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListUsersRequest cursor. */
            cursor: string;

            /** 0: 100. */
            limit: number;

            /** What user names begin with; or, with an @, a whole email address. */
            search: string;

            /** Only users who have this role. */
            role: string;

            /** Only users of this status. */
            status: framegate.v1.UserStatus;

            /**
             * Encodes the specified ListUsersRequest message. Does not implicitly {@link framegate.v1.ListUsersRequest.verify|verify} messages.
             * @param message ListUsersRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListUsersRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListUsersRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListUsersRequest & framegate.v1.ListUsersRequest.$Shape} ListUsersRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListUsersRequest & framegate.v1.ListUsersRequest.$Shape;
        }

        namespace ListUsersRequest {

            /** Properties of a ListUsersRequest. */
            interface $Properties {

                /** ListUsersRequest cursor */
                cursor?: string;

                /** 0: 100. */
                limit?: number;

                /** What user names begin with; or, with an @, a whole email address. */
                search?: string;

                /** Only users who have this role. */
                role?: string;

                /** Only users of this status. */
                status?: framegate.v1.UserStatus;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListUsersRequest. */
            type $Shape = framegate.v1.ListUsersRequest.$Properties;
        }

        /**
         * Properties of a ListUsersResponse.
         * @deprecated Use framegate.v1.ListUsersResponse.$Properties instead.
         */
        interface IListUsersResponse extends framegate.v1.ListUsersResponse.$Properties {
        }

        /** Represents a ListUsersResponse. */
        class ListUsersResponse {

            /**
             * Constructs a new ListUsersResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListUsersResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In full, e-mail address and roles included. With filters perhaps few or none, although there are more. */
            users: framegate.v1.User[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ListUsersResponse message. Does not implicitly {@link framegate.v1.ListUsersResponse.verify|verify} messages.
             * @param message ListUsersResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListUsersResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListUsersResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListUsersResponse & framegate.v1.ListUsersResponse.$Shape} ListUsersResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListUsersResponse & framegate.v1.ListUsersResponse.$Shape;
        }

        namespace ListUsersResponse {

            /** Properties of a ListUsersResponse. */
            interface $Properties {

                /** In full, e-mail address and roles included. With filters perhaps few or none, although there are more. */
                users?: framegate.v1.User.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListUsersResponse. */
            type $Shape = framegate.v1.ListUsersResponse.$Properties;
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

                /** A refresh token was used twice: one of its two users has stolen it. */
                REASON_TOKEN_REUSED = 4,

                /** An administrator ended the session or disabled the account. */
                REASON_ADMINISTRATIVE = 5,

                /** The account was deleted. */
                REASON_ACCOUNT_DELETED = 6
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

            /**
             * "public": before login; empty: any session of a user; "authenticated": those, and API keys; otherwise a permission that a role
             * or an API key must grant.
             */
            permission: string;

            /** Tokens that one call takes from the rate limit buckets; 0 means 1. */
            cost: number;

            /** Route ordering. */
            ordering: framegate.v1.Ordering;

            /** The reply may be as large as a page, although it has no list in it. */
            largeReply: boolean;

            /** The route is about the connection that calls it, such as what is pushed to it: it is not served over HTTP. */
            needsConnection: boolean;

            /** The handler itself knows a repeat by the caller's key, or allows no such key: no result of a call is kept for it. */
            handlesRepeats: boolean;

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

                /**
                 * "public": before login; empty: any session of a user; "authenticated": those, and API keys; otherwise a permission that a role
                 * or an API key must grant.
                 */
                permission?: string;

                /** Tokens that one call takes from the rate limit buckets; 0 means 1. */
                cost?: number;

                /** Route ordering */
                ordering?: framegate.v1.Ordering;

                /** The reply may be as large as a page, although it has no list in it. */
                largeReply?: boolean;

                /** The route is about the connection that calls it, such as what is pushed to it: it is not served over HTTP. */
                needsConnection?: boolean;

                /** The handler itself knows a repeat by the caller's key, or allows no such key: no result of a call is kept for it. */
                handlesRepeats?: boolean;

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
         * Properties of a ChannelReset.
         * @deprecated Use framegate.v1.ChannelReset.$Properties instead.
         */
        interface IChannelReset extends framegate.v1.ChannelReset.$Properties {
        }

        /**
         * The position from which a channel continues: the channel has a gap that the gateway could not fill, or a new epoch, or the
         * server has just subscribed this connection to it. Fetch its state again; pushes after this position are delivered. With an
         * empty epoch none are delivered: the user was added to the channel, but this connection could not be subscribed, because it
         * has too many subscriptions or the broker is unavailable.
         */
        class ChannelReset {

            /**
             * Constructs a new ChannelReset.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelReset.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelReset channel. */
            channel: string;

            /** ChannelReset offset. */
            offset: number;

            /** ChannelReset epoch. */
            epoch: string;

            /**
             * Encodes the specified ChannelReset message. Does not implicitly {@link framegate.v1.ChannelReset.verify|verify} messages.
             * @param message ChannelReset message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelReset.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelReset message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelReset & framegate.v1.ChannelReset.$Shape} ChannelReset
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelReset & framegate.v1.ChannelReset.$Shape;
        }

        namespace ChannelReset {

            /** Properties of a ChannelReset. */
            interface $Properties {

                /** ChannelReset channel */
                channel?: string;

                /** ChannelReset offset */
                offset?: number;

                /** ChannelReset epoch */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelReset. */
            type $Shape = framegate.v1.ChannelReset.$Properties;
        }

        /** What a message is; the gateway carries all kinds alike. */
        enum MessageKind {

            /** MESSAGE_KIND_UNSPECIFIED value */
            MESSAGE_KIND_UNSPECIFIED = 0,

            /** MESSAGE_KIND_TEXT value */
            MESSAGE_KIND_TEXT = 1,

            /** MESSAGE_KIND_IMAGE value */
            MESSAGE_KIND_IMAGE = 2,

            /** MESSAGE_KIND_FILE value */
            MESSAGE_KIND_FILE = 3,

            /** MESSAGE_KIND_LINK value */
            MESSAGE_KIND_LINK = 4,

            /** Whatever the clients agree on; `custom_type` names it. */
            MESSAGE_KIND_CUSTOM = 5
        }

        /** How far a message has come when its sender is answered. */
        enum DeliveryStage {

            /** DELIVERY_STAGE_UNSPECIFIED value */
            DELIVERY_STAGE_UNSPECIFIED = 0,

            /** Checked, and on its way into the store. */
            DELIVERY_STAGE_ACCEPTED = 1,

            /** Committed: it will not be lost. */
            DELIVERY_STAGE_PERSISTED = 2,

            /** Committed, and published to the connections that are subscribed to the conversation. */
            DELIVERY_STAGE_DELIVERED = 3
        }

        /**
         * Properties of a MessageContent.
         * @deprecated Use framegate.v1.MessageContent.$Properties instead.
         */
        interface IMessageContent extends framegate.v1.MessageContent.$Properties {
        }

        /** Represents a MessageContent. */
        class MessageContent {

            /**
             * Constructs a new MessageContent.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.MessageContent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MessageContent kind. */
            kind: framegate.v1.MessageKind;

            /** MessageContent text. */
            text: string;

            /** Image, file, link: where it is. */
            url: string;

            /** MessageContent fileName. */
            fileName: string;

            /** MessageContent fileBytes. */
            fileBytes: number;

            /** MessageContent mimeType. */
            mimeType: string;

            /** MessageContent customType. */
            customType: string;

            /** MessageContent custom. */
            custom: Uint8Array;

            /**
             * Encodes the specified MessageContent message. Does not implicitly {@link framegate.v1.MessageContent.verify|verify} messages.
             * @param message MessageContent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.MessageContent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MessageContent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.MessageContent & framegate.v1.MessageContent.$Shape} MessageContent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.MessageContent & framegate.v1.MessageContent.$Shape;
        }

        namespace MessageContent {

            /** Properties of a MessageContent. */
            interface $Properties {

                /** MessageContent kind */
                kind?: framegate.v1.MessageKind;

                /** MessageContent text */
                text?: string;

                /** Image, file, link: where it is. */
                url?: string;

                /** MessageContent fileName */
                fileName?: string;

                /** MessageContent fileBytes */
                fileBytes?: number;

                /** MessageContent mimeType */
                mimeType?: string;

                /** MessageContent customType */
                customType?: string;

                /** MessageContent custom */
                custom?: Uint8Array;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MessageContent. */
            type $Shape = framegate.v1.MessageContent.$Properties;
        }

        /**
         * Properties of a ChatMessage.
         * @deprecated Use framegate.v1.ChatMessage.$Properties instead.
         */
        interface IChatMessage extends framegate.v1.ChatMessage.$Properties {
        }

        /** Represents a ChatMessage. */
        class ChatMessage {

            /**
             * Constructs a new ChatMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChatMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChatMessage id. */
            id: string;

            /** ChatMessage conversationId. */
            conversationId: string;

            /** Place in the conversation: 1, 2, 3, … without a gap. */
            sequence: number;

            /** ChatMessage senderId. */
            senderId: string;

            /** ChatMessage senderName. */
            senderName: string;

            /** ChatMessage content. */
            content: framegate.v1.MessageContent;

            /** ChatMessage sentAtMs. */
            sentAtMs: number;

            /** Echoed to the sender's own devices. */
            clientMsgId: string;

            /** ChatMessage replyToId. */
            replyToId: string;

            /** Recalled: the content is gone. */
            isRecalled: boolean;

            /**
             * Encodes the specified ChatMessage message. Does not implicitly {@link framegate.v1.ChatMessage.verify|verify} messages.
             * @param message ChatMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChatMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChatMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChatMessage & framegate.v1.ChatMessage.$Shape} ChatMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChatMessage & framegate.v1.ChatMessage.$Shape;
        }

        namespace ChatMessage {

            /** Properties of a ChatMessage. */
            interface $Properties {

                /** ChatMessage id */
                id?: string;

                /** ChatMessage conversationId */
                conversationId?: string;

                /** Place in the conversation: 1, 2, 3, … without a gap. */
                sequence?: number;

                /** ChatMessage senderId */
                senderId?: string;

                /** ChatMessage senderName */
                senderName?: string;

                /** ChatMessage content */
                content?: framegate.v1.MessageContent.$Properties;

                /** ChatMessage sentAtMs */
                sentAtMs?: number;

                /** Echoed to the sender's own devices. */
                clientMsgId?: string;

                /** ChatMessage replyToId */
                replyToId?: string;

                /** Recalled: the content is gone. */
                isRecalled?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChatMessage. */
            type $Shape = framegate.v1.ChatMessage.$Properties;
        }

        /** ChatRole enum. */
        enum ChatRole {

            /** CHAT_ROLE_UNSPECIFIED value */
            CHAT_ROLE_UNSPECIFIED = 0,

            /** CHAT_ROLE_MEMBER value */
            CHAT_ROLE_MEMBER = 1,

            /** CHAT_ROLE_ADMIN value */
            CHAT_ROLE_ADMIN = 2,

            /** CHAT_ROLE_OWNER value */
            CHAT_ROLE_OWNER = 3
        }

        /**
         * Properties of a ChatMember.
         * @deprecated Use framegate.v1.ChatMember.$Properties instead.
         */
        interface IChatMember extends framegate.v1.ChatMember.$Properties {
        }

        /** Represents a ChatMember. */
        class ChatMember {

            /**
             * Constructs a new ChatMember.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChatMember.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChatMember userId. */
            userId: string;

            /** ChatMember username. */
            username: string;

            /** ChatMember role. */
            role: framegate.v1.ChatRole;

            /** ChatMember joinedAtMs. */
            joinedAtMs: number;

            /** In the future: may not send until then. */
            mutedUntilMs: number;

            /** ChatMember state. */
            state: framegate.v1.MemberState;

            /**
             * Encodes the specified ChatMember message. Does not implicitly {@link framegate.v1.ChatMember.verify|verify} messages.
             * @param message ChatMember message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChatMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChatMember message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChatMember & framegate.v1.ChatMember.$Shape} ChatMember
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChatMember & framegate.v1.ChatMember.$Shape;
        }

        namespace ChatMember {

            /** Properties of a ChatMember. */
            interface $Properties {

                /** ChatMember userId */
                userId?: string;

                /** ChatMember username */
                username?: string;

                /** ChatMember role */
                role?: framegate.v1.ChatRole;

                /** ChatMember joinedAtMs */
                joinedAtMs?: number;

                /** In the future: may not send until then. */
                mutedUntilMs?: number;

                /** ChatMember state */
                state?: framegate.v1.MemberState;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChatMember. */
            type $Shape = framegate.v1.ChatMember.$Properties;
        }

        /** MemberState enum. */
        enum MemberState {

            /** MEMBER_STATE_UNSPECIFIED value */
            MEMBER_STATE_UNSPECIFIED = 0,

            /** MEMBER_STATE_MEMBER value */
            MEMBER_STATE_MEMBER = 1,

            /** MEMBER_STATE_INVITED value */
            MEMBER_STATE_INVITED = 2,

            /** MEMBER_STATE_BANNED value */
            MEMBER_STATE_BANNED = 3
        }

        /**
         * Properties of a ChatRoom.
         * @deprecated Use framegate.v1.ChatRoom.$Properties instead.
         */
        interface IChatRoom extends framegate.v1.ChatRoom.$Properties {
        }

        /** Represents a ChatRoom. */
        class ChatRoom {

            /**
             * Constructs a new ChatRoom.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChatRoom.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChatRoom id. */
            id: string;

            /** ChatRoom name. */
            name: string;

            /** ChatRoom topic. */
            topic: string;

            /** ChatRoom isPublic. */
            isPublic: boolean;

            /** ChatRoom ownerId. */
            ownerId: string;

            /** ChatRoom memberCount. */
            memberCount: number;

            /** ChatRoom maxMembers. */
            maxMembers: number;

            /** ChatRoom createdAtMs. */
            createdAtMs: number;

            /** Sequence of the last message. */
            lastSequence: number;

            /**
             * Encodes the specified ChatRoom message. Does not implicitly {@link framegate.v1.ChatRoom.verify|verify} messages.
             * @param message ChatRoom message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChatRoom.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChatRoom message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChatRoom & framegate.v1.ChatRoom.$Shape} ChatRoom
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChatRoom & framegate.v1.ChatRoom.$Shape;
        }

        namespace ChatRoom {

            /** Properties of a ChatRoom. */
            interface $Properties {

                /** ChatRoom id */
                id?: string;

                /** ChatRoom name */
                name?: string;

                /** ChatRoom topic */
                topic?: string;

                /** ChatRoom isPublic */
                isPublic?: boolean;

                /** ChatRoom ownerId */
                ownerId?: string;

                /** ChatRoom memberCount */
                memberCount?: number;

                /** ChatRoom maxMembers */
                maxMembers?: number;

                /** ChatRoom createdAtMs */
                createdAtMs?: number;

                /** Sequence of the last message. */
                lastSequence?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChatRoom. */
            type $Shape = framegate.v1.ChatRoom.$Properties;
        }

        /**
         * Properties of a SendMessageRequest.
         * @deprecated Use framegate.v1.SendMessageRequest.$Properties instead.
         */
        interface ISendMessageRequest extends framegate.v1.SendMessageRequest.$Properties {
        }

        /** Represents a SendMessageRequest. */
        class SendMessageRequest {

            /**
             * Constructs a new SendMessageRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SendMessageRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SendMessageRequest roomId. */
            roomId: string;

            /** Makes a repeat harmless: the first result is given again. */
            clientMsgId: string;

            /** SendMessageRequest content. */
            content: framegate.v1.MessageContent;

            /** SendMessageRequest replyToId. */
            replyToId: string;

            /**
             * Encodes the specified SendMessageRequest message. Does not implicitly {@link framegate.v1.SendMessageRequest.verify|verify} messages.
             * @param message SendMessageRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SendMessageRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SendMessageRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SendMessageRequest & framegate.v1.SendMessageRequest.$Shape} SendMessageRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SendMessageRequest & framegate.v1.SendMessageRequest.$Shape;
        }

        namespace SendMessageRequest {

            /** Properties of a SendMessageRequest. */
            interface $Properties {

                /** SendMessageRequest roomId */
                roomId?: string;

                /** Makes a repeat harmless: the first result is given again. */
                clientMsgId?: string;

                /** SendMessageRequest content */
                content?: framegate.v1.MessageContent.$Properties;

                /** SendMessageRequest replyToId */
                replyToId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SendMessageRequest. */
            type $Shape = framegate.v1.SendMessageRequest.$Properties;
        }

        /**
         * Properties of a SendMessageResponse.
         * @deprecated Use framegate.v1.SendMessageResponse.$Properties instead.
         */
        interface ISendMessageResponse extends framegate.v1.SendMessageResponse.$Properties {
        }

        /** Represents a SendMessageResponse. */
        class SendMessageResponse {

            /**
             * Constructs a new SendMessageResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SendMessageResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SendMessageResponse messageId. */
            messageId: string;

            /** SendMessageResponse sequence. */
            sequence: number;

            /** SendMessageResponse sentAtMs. */
            sentAtMs: number;

            /** SendMessageResponse stage. */
            stage: framegate.v1.DeliveryStage;

            /**
             * Encodes the specified SendMessageResponse message. Does not implicitly {@link framegate.v1.SendMessageResponse.verify|verify} messages.
             * @param message SendMessageResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SendMessageResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SendMessageResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SendMessageResponse & framegate.v1.SendMessageResponse.$Shape} SendMessageResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SendMessageResponse & framegate.v1.SendMessageResponse.$Shape;
        }

        namespace SendMessageResponse {

            /** Properties of a SendMessageResponse. */
            interface $Properties {

                /** SendMessageResponse messageId */
                messageId?: string;

                /** SendMessageResponse sequence */
                sequence?: number;

                /** SendMessageResponse sentAtMs */
                sentAtMs?: number;

                /** SendMessageResponse stage */
                stage?: framegate.v1.DeliveryStage;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SendMessageResponse. */
            type $Shape = framegate.v1.SendMessageResponse.$Properties;
        }

        /** HistoryDirection enum. */
        enum HistoryDirection {

            /** From the newest backwards. */
            HISTORY_DIRECTION_UNSPECIFIED = 0,

            /** From the cursor, or the beginning, onwards. */
            HISTORY_DIRECTION_FORWARD = 1
        }

        /**
         * Properties of a GetHistoryRequest.
         * @deprecated Use framegate.v1.GetHistoryRequest.$Properties instead.
         */
        interface IGetHistoryRequest extends framegate.v1.GetHistoryRequest.$Properties {
        }

        /** Represents a GetHistoryRequest. */
        class GetHistoryRequest {

            /**
             * Constructs a new GetHistoryRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetHistoryRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetHistoryRequest roomId. */
            roomId: string;

            /** GetHistoryRequest direction. */
            direction: framegate.v1.HistoryDirection;

            /** GetHistoryRequest cursor. */
            cursor: string;

            /** GetHistoryRequest limit. */
            limit: number;

            /** Without a cursor: begin behind this message (forward) or before it (backward), for example at one's read mark. */
            fromSequence: number;

            /**
             * Encodes the specified GetHistoryRequest message. Does not implicitly {@link framegate.v1.GetHistoryRequest.verify|verify} messages.
             * @param message GetHistoryRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetHistoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetHistoryRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetHistoryRequest & framegate.v1.GetHistoryRequest.$Shape} GetHistoryRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetHistoryRequest & framegate.v1.GetHistoryRequest.$Shape;
        }

        namespace GetHistoryRequest {

            /** Properties of a GetHistoryRequest. */
            interface $Properties {

                /** GetHistoryRequest roomId */
                roomId?: string;

                /** GetHistoryRequest direction */
                direction?: framegate.v1.HistoryDirection;

                /** GetHistoryRequest cursor */
                cursor?: string;

                /** GetHistoryRequest limit */
                limit?: number;

                /** Without a cursor: begin behind this message (forward) or before it (backward), for example at one's read mark. */
                fromSequence?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetHistoryRequest. */
            type $Shape = framegate.v1.GetHistoryRequest.$Properties;
        }

        /**
         * Properties of a GetHistoryResponse.
         * @deprecated Use framegate.v1.GetHistoryResponse.$Properties instead.
         */
        interface IGetHistoryResponse extends framegate.v1.GetHistoryResponse.$Properties {
        }

        /** Represents a GetHistoryResponse. */
        class GetHistoryResponse {

            /**
             * Constructs a new GetHistoryResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetHistoryResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In the order of the direction asked for. */
            messages: framegate.v1.ChatMessage[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified GetHistoryResponse message. Does not implicitly {@link framegate.v1.GetHistoryResponse.verify|verify} messages.
             * @param message GetHistoryResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetHistoryResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetHistoryResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetHistoryResponse & framegate.v1.GetHistoryResponse.$Shape} GetHistoryResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetHistoryResponse & framegate.v1.GetHistoryResponse.$Shape;
        }

        namespace GetHistoryResponse {

            /** Properties of a GetHistoryResponse. */
            interface $Properties {

                /** In the order of the direction asked for. */
                messages?: framegate.v1.ChatMessage.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetHistoryResponse. */
            type $Shape = framegate.v1.GetHistoryResponse.$Properties;
        }

        /**
         * Properties of a CreateChatRoomRequest.
         * @deprecated Use framegate.v1.CreateChatRoomRequest.$Properties instead.
         */
        interface ICreateChatRoomRequest extends framegate.v1.CreateChatRoomRequest.$Properties {
        }

        /** Represents a CreateChatRoomRequest. */
        class CreateChatRoomRequest {

            /**
             * Constructs a new CreateChatRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateChatRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateChatRoomRequest name. */
            name: string;

            /** CreateChatRoomRequest topic. */
            topic: string;

            /** CreateChatRoomRequest isPublic. */
            isPublic: boolean;

            /** CreateChatRoomRequest maxMembers. */
            maxMembers: number;

            /** Invited at once. */
            memberIds: string[];

            /** Makes a repeat harmless: the room that the first one opened is given again. */
            clientRoomId: string;

            /**
             * Encodes the specified CreateChatRoomRequest message. Does not implicitly {@link framegate.v1.CreateChatRoomRequest.verify|verify} messages.
             * @param message CreateChatRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateChatRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateChatRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateChatRoomRequest & framegate.v1.CreateChatRoomRequest.$Shape} CreateChatRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateChatRoomRequest & framegate.v1.CreateChatRoomRequest.$Shape;
        }

        namespace CreateChatRoomRequest {

            /** Properties of a CreateChatRoomRequest. */
            interface $Properties {

                /** CreateChatRoomRequest name */
                name?: string;

                /** CreateChatRoomRequest topic */
                topic?: string;

                /** CreateChatRoomRequest isPublic */
                isPublic?: boolean;

                /** CreateChatRoomRequest maxMembers */
                maxMembers?: number;

                /** Invited at once. */
                memberIds?: string[];

                /** Makes a repeat harmless: the room that the first one opened is given again. */
                clientRoomId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateChatRoomRequest. */
            type $Shape = framegate.v1.CreateChatRoomRequest.$Properties;
        }

        /**
         * Properties of a CreateChatRoomResponse.
         * @deprecated Use framegate.v1.CreateChatRoomResponse.$Properties instead.
         */
        interface ICreateChatRoomResponse extends framegate.v1.CreateChatRoomResponse.$Properties {
        }

        /** Represents a CreateChatRoomResponse. */
        class CreateChatRoomResponse {

            /**
             * Constructs a new CreateChatRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateChatRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateChatRoomResponse room. */
            room: framegate.v1.ChatRoom;

            /**
             * The position of the room's channel: pushes after it are delivered. Empty when the connection could not be subscribed:
             * joining the room tries again.
             */
            channel: string;

            /** CreateChatRoomResponse offset. */
            offset: number;

            /** CreateChatRoomResponse epoch. */
            epoch: string;

            /**
             * Encodes the specified CreateChatRoomResponse message. Does not implicitly {@link framegate.v1.CreateChatRoomResponse.verify|verify} messages.
             * @param message CreateChatRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateChatRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateChatRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateChatRoomResponse & framegate.v1.CreateChatRoomResponse.$Shape} CreateChatRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateChatRoomResponse & framegate.v1.CreateChatRoomResponse.$Shape;
        }

        namespace CreateChatRoomResponse {

            /** Properties of a CreateChatRoomResponse. */
            interface $Properties {

                /** CreateChatRoomResponse room */
                room?: framegate.v1.ChatRoom.$Properties;

                /**
                 * The position of the room's channel: pushes after it are delivered. Empty when the connection could not be subscribed:
                 * joining the room tries again.
                 */
                channel?: string;

                /** CreateChatRoomResponse offset */
                offset?: number;

                /** CreateChatRoomResponse epoch */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateChatRoomResponse. */
            type $Shape = framegate.v1.CreateChatRoomResponse.$Properties;
        }

        /**
         * Properties of a JoinChatRoomRequest.
         * @deprecated Use framegate.v1.JoinChatRoomRequest.$Properties instead.
         */
        interface IJoinChatRoomRequest extends framegate.v1.JoinChatRoomRequest.$Properties {
        }

        /** Represents a JoinChatRoomRequest. */
        class JoinChatRoomRequest {

            /**
             * Constructs a new JoinChatRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.JoinChatRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinChatRoomRequest roomId. */
            roomId: string;

            /**
             * Encodes the specified JoinChatRoomRequest message. Does not implicitly {@link framegate.v1.JoinChatRoomRequest.verify|verify} messages.
             * @param message JoinChatRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.JoinChatRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinChatRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.JoinChatRoomRequest & framegate.v1.JoinChatRoomRequest.$Shape} JoinChatRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinChatRoomRequest & framegate.v1.JoinChatRoomRequest.$Shape;
        }

        namespace JoinChatRoomRequest {

            /** Properties of a JoinChatRoomRequest. */
            interface $Properties {

                /** JoinChatRoomRequest roomId */
                roomId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinChatRoomRequest. */
            type $Shape = framegate.v1.JoinChatRoomRequest.$Properties;
        }

        /**
         * Properties of a JoinChatRoomResponse.
         * @deprecated Use framegate.v1.JoinChatRoomResponse.$Properties instead.
         */
        interface IJoinChatRoomResponse extends framegate.v1.JoinChatRoomResponse.$Properties {
        }

        /** Represents a JoinChatRoomResponse. */
        class JoinChatRoomResponse {

            /**
             * Constructs a new JoinChatRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.JoinChatRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinChatRoomResponse room. */
            room: framegate.v1.ChatRoom;

            /** JoinChatRoomResponse member. */
            member: framegate.v1.ChatMember;

            /** The position of the room's channel: pushes after it are delivered. */
            channel: string;

            /** JoinChatRoomResponse offset. */
            offset: number;

            /** JoinChatRoomResponse epoch. */
            epoch: string;

            /**
             * Encodes the specified JoinChatRoomResponse message. Does not implicitly {@link framegate.v1.JoinChatRoomResponse.verify|verify} messages.
             * @param message JoinChatRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.JoinChatRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinChatRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.JoinChatRoomResponse & framegate.v1.JoinChatRoomResponse.$Shape} JoinChatRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinChatRoomResponse & framegate.v1.JoinChatRoomResponse.$Shape;
        }

        namespace JoinChatRoomResponse {

            /** Properties of a JoinChatRoomResponse. */
            interface $Properties {

                /** JoinChatRoomResponse room */
                room?: framegate.v1.ChatRoom.$Properties;

                /** JoinChatRoomResponse member */
                member?: framegate.v1.ChatMember.$Properties;

                /** The position of the room's channel: pushes after it are delivered. */
                channel?: string;

                /** JoinChatRoomResponse offset */
                offset?: number;

                /** JoinChatRoomResponse epoch */
                epoch?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinChatRoomResponse. */
            type $Shape = framegate.v1.JoinChatRoomResponse.$Properties;
        }

        /** MemberAction enum. */
        enum MemberAction {

            /** One leaves oneself. */
            MEMBER_ACTION_UNSPECIFIED = 0,

            /** MEMBER_ACTION_KICK value */
            MEMBER_ACTION_KICK = 1,

            /** Kick, and no way back until unbanned. */
            MEMBER_ACTION_BAN = 2,

            /** MEMBER_ACTION_UNBAN value */
            MEMBER_ACTION_UNBAN = 3,

            /** For `mute_ms`. */
            MEMBER_ACTION_MUTE = 4,

            /** MEMBER_ACTION_UNMUTE value */
            MEMBER_ACTION_UNMUTE = 5,

            /** MEMBER_ACTION_MAKE_ADMIN value */
            MEMBER_ACTION_MAKE_ADMIN = 6,

            /** MEMBER_ACTION_MAKE_MEMBER value */
            MEMBER_ACTION_MAKE_MEMBER = 7,

            /** MEMBER_ACTION_INVITE value */
            MEMBER_ACTION_INVITE = 8,

            /** The owner hands the room over. */
            MEMBER_ACTION_MAKE_OWNER = 9
        }

        /**
         * Properties of a LeaveChatRoomRequest.
         * @deprecated Use framegate.v1.LeaveChatRoomRequest.$Properties instead.
         */
        interface ILeaveChatRoomRequest extends framegate.v1.LeaveChatRoomRequest.$Properties {
        }

        /** Represents a LeaveChatRoomRequest. */
        class LeaveChatRoomRequest {

            /**
             * Constructs a new LeaveChatRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LeaveChatRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LeaveChatRoomRequest roomId. */
            roomId: string;

            /** LeaveChatRoomRequest action. */
            action: framegate.v1.MemberAction;

            /** Whom the action is about; empty when one leaves. */
            userId: string;

            /** LeaveChatRoomRequest muteMs. */
            muteMs: number;

            /**
             * Encodes the specified LeaveChatRoomRequest message. Does not implicitly {@link framegate.v1.LeaveChatRoomRequest.verify|verify} messages.
             * @param message LeaveChatRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LeaveChatRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaveChatRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LeaveChatRoomRequest & framegate.v1.LeaveChatRoomRequest.$Shape} LeaveChatRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LeaveChatRoomRequest & framegate.v1.LeaveChatRoomRequest.$Shape;
        }

        namespace LeaveChatRoomRequest {

            /** Properties of a LeaveChatRoomRequest. */
            interface $Properties {

                /** LeaveChatRoomRequest roomId */
                roomId?: string;

                /** LeaveChatRoomRequest action */
                action?: framegate.v1.MemberAction;

                /** Whom the action is about; empty when one leaves. */
                userId?: string;

                /** LeaveChatRoomRequest muteMs */
                muteMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaveChatRoomRequest. */
            type $Shape = framegate.v1.LeaveChatRoomRequest.$Properties;
        }

        /**
         * Properties of a LeaveChatRoomResponse.
         * @deprecated Use framegate.v1.LeaveChatRoomResponse.$Properties instead.
         */
        interface ILeaveChatRoomResponse extends framegate.v1.LeaveChatRoomResponse.$Properties {
        }

        /** Represents a LeaveChatRoomResponse. */
        class LeaveChatRoomResponse {

            /**
             * Constructs a new LeaveChatRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LeaveChatRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified LeaveChatRoomResponse message. Does not implicitly {@link framegate.v1.LeaveChatRoomResponse.verify|verify} messages.
             * @param message LeaveChatRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LeaveChatRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaveChatRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LeaveChatRoomResponse & framegate.v1.LeaveChatRoomResponse.$Shape} LeaveChatRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LeaveChatRoomResponse & framegate.v1.LeaveChatRoomResponse.$Shape;
        }

        namespace LeaveChatRoomResponse {

            /** Properties of a LeaveChatRoomResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaveChatRoomResponse. */
            type $Shape = framegate.v1.LeaveChatRoomResponse.$Properties;
        }

        /**
         * Properties of a ListChatRoomsRequest.
         * @deprecated Use framegate.v1.ListChatRoomsRequest.$Properties instead.
         */
        interface IListChatRoomsRequest extends framegate.v1.ListChatRoomsRequest.$Properties {
        }

        /** Represents a ListChatRoomsRequest. */
        class ListChatRoomsRequest {

            /**
             * Constructs a new ListChatRoomsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListChatRoomsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Those that one is a member of, instead of public ones. */
            onlyMine: boolean;

            /** ListChatRoomsRequest limit. */
            limit: number;

            /** ListChatRoomsRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListChatRoomsRequest message. Does not implicitly {@link framegate.v1.ListChatRoomsRequest.verify|verify} messages.
             * @param message ListChatRoomsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListChatRoomsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListChatRoomsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListChatRoomsRequest & framegate.v1.ListChatRoomsRequest.$Shape} ListChatRoomsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListChatRoomsRequest & framegate.v1.ListChatRoomsRequest.$Shape;
        }

        namespace ListChatRoomsRequest {

            /** Properties of a ListChatRoomsRequest. */
            interface $Properties {

                /** Those that one is a member of, instead of public ones. */
                onlyMine?: boolean;

                /** ListChatRoomsRequest limit */
                limit?: number;

                /** ListChatRoomsRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListChatRoomsRequest. */
            type $Shape = framegate.v1.ListChatRoomsRequest.$Properties;
        }

        /**
         * Properties of a ListChatRoomsResponse.
         * @deprecated Use framegate.v1.ListChatRoomsResponse.$Properties instead.
         */
        interface IListChatRoomsResponse extends framegate.v1.ListChatRoomsResponse.$Properties {
        }

        /** Represents a ListChatRoomsResponse. */
        class ListChatRoomsResponse {

            /**
             * Constructs a new ListChatRoomsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListChatRoomsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListChatRoomsResponse rooms. */
            rooms: framegate.v1.ChatRoom[];

            /** ListChatRoomsResponse nextCursor. */
            nextCursor: string;

            /**
             * Encodes the specified ListChatRoomsResponse message. Does not implicitly {@link framegate.v1.ListChatRoomsResponse.verify|verify} messages.
             * @param message ListChatRoomsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListChatRoomsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListChatRoomsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListChatRoomsResponse & framegate.v1.ListChatRoomsResponse.$Shape} ListChatRoomsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListChatRoomsResponse & framegate.v1.ListChatRoomsResponse.$Shape;
        }

        namespace ListChatRoomsResponse {

            /** Properties of a ListChatRoomsResponse. */
            interface $Properties {

                /** ListChatRoomsResponse rooms */
                rooms?: framegate.v1.ChatRoom.$Properties[];

                /** ListChatRoomsResponse nextCursor */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListChatRoomsResponse. */
            type $Shape = framegate.v1.ListChatRoomsResponse.$Properties;
        }

        /**
         * Properties of a SendPrivateMessageRequest.
         * @deprecated Use framegate.v1.SendPrivateMessageRequest.$Properties instead.
         */
        interface ISendPrivateMessageRequest extends framegate.v1.SendPrivateMessageRequest.$Properties {
        }

        /** Represents a SendPrivateMessageRequest. */
        class SendPrivateMessageRequest {

            /**
             * Constructs a new SendPrivateMessageRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SendPrivateMessageRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SendPrivateMessageRequest userId. */
            userId: string;

            /** SendPrivateMessageRequest clientMsgId. */
            clientMsgId: string;

            /** SendPrivateMessageRequest content. */
            content: framegate.v1.MessageContent;

            /** SendPrivateMessageRequest replyToId. */
            replyToId: string;

            /**
             * Encodes the specified SendPrivateMessageRequest message. Does not implicitly {@link framegate.v1.SendPrivateMessageRequest.verify|verify} messages.
             * @param message SendPrivateMessageRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SendPrivateMessageRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SendPrivateMessageRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SendPrivateMessageRequest & framegate.v1.SendPrivateMessageRequest.$Shape} SendPrivateMessageRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SendPrivateMessageRequest & framegate.v1.SendPrivateMessageRequest.$Shape;
        }

        namespace SendPrivateMessageRequest {

            /** Properties of a SendPrivateMessageRequest. */
            interface $Properties {

                /** SendPrivateMessageRequest userId */
                userId?: string;

                /** SendPrivateMessageRequest clientMsgId */
                clientMsgId?: string;

                /** SendPrivateMessageRequest content */
                content?: framegate.v1.MessageContent.$Properties;

                /** SendPrivateMessageRequest replyToId */
                replyToId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SendPrivateMessageRequest. */
            type $Shape = framegate.v1.SendPrivateMessageRequest.$Properties;
        }

        /**
         * Properties of a SendPrivateMessageResponse.
         * @deprecated Use framegate.v1.SendPrivateMessageResponse.$Properties instead.
         */
        interface ISendPrivateMessageResponse extends framegate.v1.SendPrivateMessageResponse.$Properties {
        }

        /** Represents a SendPrivateMessageResponse. */
        class SendPrivateMessageResponse {

            /**
             * Constructs a new SendPrivateMessageResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SendPrivateMessageResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SendPrivateMessageResponse messageId. */
            messageId: string;

            /** SendPrivateMessageResponse conversationId. */
            conversationId: string;

            /** SendPrivateMessageResponse sequence. */
            sequence: number;

            /** SendPrivateMessageResponse sentAtMs. */
            sentAtMs: number;

            /** SendPrivateMessageResponse stage. */
            stage: framegate.v1.DeliveryStage;

            /**
             * Encodes the specified SendPrivateMessageResponse message. Does not implicitly {@link framegate.v1.SendPrivateMessageResponse.verify|verify} messages.
             * @param message SendPrivateMessageResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SendPrivateMessageResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SendPrivateMessageResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SendPrivateMessageResponse & framegate.v1.SendPrivateMessageResponse.$Shape} SendPrivateMessageResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SendPrivateMessageResponse & framegate.v1.SendPrivateMessageResponse.$Shape;
        }

        namespace SendPrivateMessageResponse {

            /** Properties of a SendPrivateMessageResponse. */
            interface $Properties {

                /** SendPrivateMessageResponse messageId */
                messageId?: string;

                /** SendPrivateMessageResponse conversationId */
                conversationId?: string;

                /** SendPrivateMessageResponse sequence */
                sequence?: number;

                /** SendPrivateMessageResponse sentAtMs */
                sentAtMs?: number;

                /** SendPrivateMessageResponse stage */
                stage?: framegate.v1.DeliveryStage;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SendPrivateMessageResponse. */
            type $Shape = framegate.v1.SendPrivateMessageResponse.$Properties;
        }

        /**
         * Properties of a GetPrivateHistoryRequest.
         * @deprecated Use framegate.v1.GetPrivateHistoryRequest.$Properties instead.
         */
        interface IGetPrivateHistoryRequest extends framegate.v1.GetPrivateHistoryRequest.$Properties {
        }

        /** Represents a GetPrivateHistoryRequest. */
        class GetPrivateHistoryRequest {

            /**
             * Constructs a new GetPrivateHistoryRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetPrivateHistoryRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetPrivateHistoryRequest userId. */
            userId: string;

            /** GetPrivateHistoryRequest direction. */
            direction: framegate.v1.HistoryDirection;

            /** GetPrivateHistoryRequest cursor. */
            cursor: string;

            /** GetPrivateHistoryRequest limit. */
            limit: number;

            /** Without a cursor: begin behind this message (forward) or before it (backward), for example at one's read mark. */
            fromSequence: number;

            /**
             * Encodes the specified GetPrivateHistoryRequest message. Does not implicitly {@link framegate.v1.GetPrivateHistoryRequest.verify|verify} messages.
             * @param message GetPrivateHistoryRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetPrivateHistoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetPrivateHistoryRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetPrivateHistoryRequest & framegate.v1.GetPrivateHistoryRequest.$Shape} GetPrivateHistoryRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetPrivateHistoryRequest & framegate.v1.GetPrivateHistoryRequest.$Shape;
        }

        namespace GetPrivateHistoryRequest {

            /** Properties of a GetPrivateHistoryRequest. */
            interface $Properties {

                /** GetPrivateHistoryRequest userId */
                userId?: string;

                /** GetPrivateHistoryRequest direction */
                direction?: framegate.v1.HistoryDirection;

                /** GetPrivateHistoryRequest cursor */
                cursor?: string;

                /** GetPrivateHistoryRequest limit */
                limit?: number;

                /** Without a cursor: begin behind this message (forward) or before it (backward), for example at one's read mark. */
                fromSequence?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetPrivateHistoryRequest. */
            type $Shape = framegate.v1.GetPrivateHistoryRequest.$Properties;
        }

        /**
         * Properties of a GetPrivateHistoryResponse.
         * @deprecated Use framegate.v1.GetPrivateHistoryResponse.$Properties instead.
         */
        interface IGetPrivateHistoryResponse extends framegate.v1.GetPrivateHistoryResponse.$Properties {
        }

        /** Represents a GetPrivateHistoryResponse. */
        class GetPrivateHistoryResponse {

            /**
             * Constructs a new GetPrivateHistoryResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetPrivateHistoryResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetPrivateHistoryResponse messages. */
            messages: framegate.v1.ChatMessage[];

            /** GetPrivateHistoryResponse nextCursor. */
            nextCursor: string;

            /**
             * Encodes the specified GetPrivateHistoryResponse message. Does not implicitly {@link framegate.v1.GetPrivateHistoryResponse.verify|verify} messages.
             * @param message GetPrivateHistoryResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetPrivateHistoryResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetPrivateHistoryResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetPrivateHistoryResponse & framegate.v1.GetPrivateHistoryResponse.$Shape} GetPrivateHistoryResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetPrivateHistoryResponse & framegate.v1.GetPrivateHistoryResponse.$Shape;
        }

        namespace GetPrivateHistoryResponse {

            /** Properties of a GetPrivateHistoryResponse. */
            interface $Properties {

                /** GetPrivateHistoryResponse messages */
                messages?: framegate.v1.ChatMessage.$Properties[];

                /** GetPrivateHistoryResponse nextCursor */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetPrivateHistoryResponse. */
            type $Shape = framegate.v1.GetPrivateHistoryResponse.$Properties;
        }

        /**
         * Properties of a MarkReadRequest.
         * @deprecated Use framegate.v1.MarkReadRequest.$Properties instead.
         */
        interface IMarkReadRequest extends framegate.v1.MarkReadRequest.$Properties {
        }

        /** Represents a MarkReadRequest. */
        class MarkReadRequest {

            /**
             * Constructs a new MarkReadRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.MarkReadRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MarkReadRequest conversationId. */
            conversationId: string;

            /** Everything up to here is read. */
            sequence: number;

            /**
             * Encodes the specified MarkReadRequest message. Does not implicitly {@link framegate.v1.MarkReadRequest.verify|verify} messages.
             * @param message MarkReadRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.MarkReadRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MarkReadRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.MarkReadRequest & framegate.v1.MarkReadRequest.$Shape} MarkReadRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.MarkReadRequest & framegate.v1.MarkReadRequest.$Shape;
        }

        namespace MarkReadRequest {

            /** Properties of a MarkReadRequest. */
            interface $Properties {

                /** MarkReadRequest conversationId */
                conversationId?: string;

                /** Everything up to here is read. */
                sequence?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MarkReadRequest. */
            type $Shape = framegate.v1.MarkReadRequest.$Properties;
        }

        /**
         * Properties of a MarkReadResponse.
         * @deprecated Use framegate.v1.MarkReadResponse.$Properties instead.
         */
        interface IMarkReadResponse extends framegate.v1.MarkReadResponse.$Properties {
        }

        /** Represents a MarkReadResponse. */
        class MarkReadResponse {

            /**
             * Constructs a new MarkReadResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.MarkReadResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Recalled messages do not count. */
            unread: number;

            /**
             * Encodes the specified MarkReadResponse message. Does not implicitly {@link framegate.v1.MarkReadResponse.verify|verify} messages.
             * @param message MarkReadResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.MarkReadResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MarkReadResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.MarkReadResponse & framegate.v1.MarkReadResponse.$Shape} MarkReadResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.MarkReadResponse & framegate.v1.MarkReadResponse.$Shape;
        }

        namespace MarkReadResponse {

            /** Properties of a MarkReadResponse. */
            interface $Properties {

                /** Recalled messages do not count. */
                unread?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MarkReadResponse. */
            type $Shape = framegate.v1.MarkReadResponse.$Properties;
        }

        /**
         * Properties of a ListConversationsRequest.
         * @deprecated Use framegate.v1.ListConversationsRequest.$Properties instead.
         */
        interface IListConversationsRequest extends framegate.v1.ListConversationsRequest.$Properties {
        }

        /** Represents a ListConversationsRequest. */
        class ListConversationsRequest {

            /**
             * Constructs a new ListConversationsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListConversationsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListConversationsRequest limit. */
            limit: number;

            /** ListConversationsRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListConversationsRequest message. Does not implicitly {@link framegate.v1.ListConversationsRequest.verify|verify} messages.
             * @param message ListConversationsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListConversationsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListConversationsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListConversationsRequest & framegate.v1.ListConversationsRequest.$Shape} ListConversationsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListConversationsRequest & framegate.v1.ListConversationsRequest.$Shape;
        }

        namespace ListConversationsRequest {

            /** Properties of a ListConversationsRequest. */
            interface $Properties {

                /** ListConversationsRequest limit */
                limit?: number;

                /** ListConversationsRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListConversationsRequest. */
            type $Shape = framegate.v1.ListConversationsRequest.$Properties;
        }

        /**
         * Properties of a Conversation.
         * @deprecated Use framegate.v1.Conversation.$Properties instead.
         */
        interface IConversation extends framegate.v1.Conversation.$Properties {
        }

        /** Represents a Conversation. */
        class Conversation {

            /**
             * Constructs a new Conversation.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Conversation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Conversation id. */
            id: string;

            /** Set for rooms. */
            room: framegate.v1.ChatRoom;

            /** Set for private conversations: the other user. */
            peerId: string;

            /** Conversation peerName. */
            peerName: string;

            /** Conversation lastMessage. */
            lastMessage: framegate.v1.ChatMessage;

            /** Conversation readSequence. */
            readSequence: number;

            /** Messages behind the read mark; those that were recalled do not count. */
            unread: number;

            /**
             * Encodes the specified Conversation message. Does not implicitly {@link framegate.v1.Conversation.verify|verify} messages.
             * @param message Conversation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Conversation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Conversation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Conversation & framegate.v1.Conversation.$Shape} Conversation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Conversation & framegate.v1.Conversation.$Shape;
        }

        namespace Conversation {

            /** Properties of a Conversation. */
            interface $Properties {

                /** Conversation id */
                id?: string;

                /** Set for rooms. */
                room?: framegate.v1.ChatRoom.$Properties;

                /** Set for private conversations: the other user. */
                peerId?: string;

                /** Conversation peerName */
                peerName?: string;

                /** Conversation lastMessage */
                lastMessage?: framegate.v1.ChatMessage.$Properties;

                /** Conversation readSequence */
                readSequence?: number;

                /** Messages behind the read mark; those that were recalled do not count. */
                unread?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Conversation. */
            type $Shape = framegate.v1.Conversation.$Properties;
        }

        /**
         * Properties of a ListConversationsResponse.
         * @deprecated Use framegate.v1.ListConversationsResponse.$Properties instead.
         */
        interface IListConversationsResponse extends framegate.v1.ListConversationsResponse.$Properties {
        }

        /** Represents a ListConversationsResponse. */
        class ListConversationsResponse {

            /**
             * Constructs a new ListConversationsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListConversationsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListConversationsResponse conversations. */
            conversations: framegate.v1.Conversation[];

            /** ListConversationsResponse nextCursor. */
            nextCursor: string;

            /** The positions of the channels of the rooms among them: pushes after these are delivered. */
            positions: framegate.v1.ChannelPosition[];

            /**
             * Channels of the other rooms: this connection has reached its limit of subscriptions, or the broker is unavailable. Their
             * pushes are not delivered; joining the room, or repeating this request, tries again.
             */
            notFollowed: string[];

            /**
             * Encodes the specified ListConversationsResponse message. Does not implicitly {@link framegate.v1.ListConversationsResponse.verify|verify} messages.
             * @param message ListConversationsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListConversationsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListConversationsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListConversationsResponse & framegate.v1.ListConversationsResponse.$Shape} ListConversationsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListConversationsResponse & framegate.v1.ListConversationsResponse.$Shape;
        }

        namespace ListConversationsResponse {

            /** Properties of a ListConversationsResponse. */
            interface $Properties {

                /** ListConversationsResponse conversations */
                conversations?: framegate.v1.Conversation.$Properties[];

                /** ListConversationsResponse nextCursor */
                nextCursor?: string;

                /** The positions of the channels of the rooms among them: pushes after these are delivered. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

                /**
                 * Channels of the other rooms: this connection has reached its limit of subscriptions, or the broker is unavailable. Their
                 * pushes are not delivered; joining the room, or repeating this request, tries again.
                 */
                notFollowed?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListConversationsResponse. */
            type $Shape = framegate.v1.ListConversationsResponse.$Properties;
        }

        /**
         * Properties of a RecallMessageRequest.
         * @deprecated Use framegate.v1.RecallMessageRequest.$Properties instead.
         */
        interface IRecallMessageRequest extends framegate.v1.RecallMessageRequest.$Properties {
        }

        /** Represents a RecallMessageRequest. */
        class RecallMessageRequest {

            /**
             * Constructs a new RecallMessageRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RecallMessageRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecallMessageRequest messageId. */
            messageId: string;

            /**
             * Encodes the specified RecallMessageRequest message. Does not implicitly {@link framegate.v1.RecallMessageRequest.verify|verify} messages.
             * @param message RecallMessageRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RecallMessageRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecallMessageRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RecallMessageRequest & framegate.v1.RecallMessageRequest.$Shape} RecallMessageRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RecallMessageRequest & framegate.v1.RecallMessageRequest.$Shape;
        }

        namespace RecallMessageRequest {

            /** Properties of a RecallMessageRequest. */
            interface $Properties {

                /** RecallMessageRequest messageId */
                messageId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecallMessageRequest. */
            type $Shape = framegate.v1.RecallMessageRequest.$Properties;
        }

        /**
         * Properties of a RecallMessageResponse.
         * @deprecated Use framegate.v1.RecallMessageResponse.$Properties instead.
         */
        interface IRecallMessageResponse extends framegate.v1.RecallMessageResponse.$Properties {
        }

        /** Represents a RecallMessageResponse. */
        class RecallMessageResponse {

            /**
             * Constructs a new RecallMessageResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RecallMessageResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified RecallMessageResponse message. Does not implicitly {@link framegate.v1.RecallMessageResponse.verify|verify} messages.
             * @param message RecallMessageResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RecallMessageResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecallMessageResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RecallMessageResponse & framegate.v1.RecallMessageResponse.$Shape} RecallMessageResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RecallMessageResponse & framegate.v1.RecallMessageResponse.$Shape;
        }

        namespace RecallMessageResponse {

            /** Properties of a RecallMessageResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecallMessageResponse. */
            type $Shape = framegate.v1.RecallMessageResponse.$Properties;
        }

        /**
         * Properties of a PresenceRequest.
         * @deprecated Use framegate.v1.PresenceRequest.$Properties instead.
         */
        interface IPresenceRequest extends framegate.v1.PresenceRequest.$Properties {
        }

        /** Represents a PresenceRequest. */
        class PresenceRequest {

            /**
             * Constructs a new PresenceRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PresenceRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PresenceRequest userIds. */
            userIds: string[];

            /** Users whom the caller blocks; their messages are refused. */
            blockUserIds: string[];

            /** PresenceRequest unblockUserIds. */
            unblockUserIds: string[];

            /**
             * Encodes the specified PresenceRequest message. Does not implicitly {@link framegate.v1.PresenceRequest.verify|verify} messages.
             * @param message PresenceRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PresenceRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PresenceRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PresenceRequest & framegate.v1.PresenceRequest.$Shape} PresenceRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PresenceRequest & framegate.v1.PresenceRequest.$Shape;
        }

        namespace PresenceRequest {

            /** Properties of a PresenceRequest. */
            interface $Properties {

                /** PresenceRequest userIds */
                userIds?: string[];

                /** Users whom the caller blocks; their messages are refused. */
                blockUserIds?: string[];

                /** PresenceRequest unblockUserIds */
                unblockUserIds?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PresenceRequest. */
            type $Shape = framegate.v1.PresenceRequest.$Properties;
        }

        /**
         * Properties of a UserPresence.
         * @deprecated Use framegate.v1.UserPresence.$Properties instead.
         */
        interface IUserPresence extends framegate.v1.UserPresence.$Properties {
        }

        /** Represents a UserPresence. */
        class UserPresence {

            /**
             * Constructs a new UserPresence.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UserPresence.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UserPresence userId. */
            userId: string;

            /** UserPresence isOnline. */
            isOnline: boolean;

            /** 0 when never seen. */
            lastSeenMs: number;

            /**
             * Encodes the specified UserPresence message. Does not implicitly {@link framegate.v1.UserPresence.verify|verify} messages.
             * @param message UserPresence message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UserPresence.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UserPresence message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UserPresence & framegate.v1.UserPresence.$Shape} UserPresence
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UserPresence & framegate.v1.UserPresence.$Shape;
        }

        namespace UserPresence {

            /** Properties of a UserPresence. */
            interface $Properties {

                /** UserPresence userId */
                userId?: string;

                /** UserPresence isOnline */
                isOnline?: boolean;

                /** 0 when never seen. */
                lastSeenMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a UserPresence. */
            type $Shape = framegate.v1.UserPresence.$Properties;
        }

        /**
         * Properties of a PresenceResponse.
         * @deprecated Use framegate.v1.PresenceResponse.$Properties instead.
         */
        interface IPresenceResponse extends framegate.v1.PresenceResponse.$Properties {
        }

        /** Represents a PresenceResponse. */
        class PresenceResponse {

            /**
             * Constructs a new PresenceResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PresenceResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PresenceResponse users. */
            users: framegate.v1.UserPresence[];

            /** The positions of the channels on which changes of their presence are published. */
            positions: framegate.v1.ChannelPosition[];

            /**
             * Channels of users whose presence changes are not delivered: this connection has reached its limit of subscriptions, or
             * the broker is unavailable. Repeating this request tries again.
             */
            notFollowed: string[];

            /**
             * Encodes the specified PresenceResponse message. Does not implicitly {@link framegate.v1.PresenceResponse.verify|verify} messages.
             * @param message PresenceResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PresenceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PresenceResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PresenceResponse & framegate.v1.PresenceResponse.$Shape} PresenceResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PresenceResponse & framegate.v1.PresenceResponse.$Shape;
        }

        namespace PresenceResponse {

            /** Properties of a PresenceResponse. */
            interface $Properties {

                /** PresenceResponse users */
                users?: framegate.v1.UserPresence.$Properties[];

                /** The positions of the channels on which changes of their presence are published. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

                /**
                 * Channels of users whose presence changes are not delivered: this connection has reached its limit of subscriptions, or
                 * the broker is unavailable. Repeating this request tries again.
                 */
                notFollowed?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PresenceResponse. */
            type $Shape = framegate.v1.PresenceResponse.$Properties;
        }

        /**
         * Properties of a MessagePosted.
         * @deprecated Use framegate.v1.MessagePosted.$Properties instead.
         */
        interface IMessagePosted extends framegate.v1.MessagePosted.$Properties {
        }

        /** A message was posted, or changed by a recall. */
        class MessagePosted {

            /**
             * Constructs a new MessagePosted.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.MessagePosted.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MessagePosted message. */
            message: framegate.v1.ChatMessage;

            /**
             * Encodes the specified MessagePosted message. Does not implicitly {@link framegate.v1.MessagePosted.verify|verify} messages.
             * @param message MessagePosted message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.MessagePosted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MessagePosted message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.MessagePosted & framegate.v1.MessagePosted.$Shape} MessagePosted
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.MessagePosted & framegate.v1.MessagePosted.$Shape;
        }

        namespace MessagePosted {

            /** Properties of a MessagePosted. */
            interface $Properties {

                /** MessagePosted message */
                message?: framegate.v1.ChatMessage.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MessagePosted. */
            type $Shape = framegate.v1.MessagePosted.$Properties;
        }

        /**
         * Properties of a ChatRoomEvent.
         * @deprecated Use framegate.v1.ChatRoomEvent.$Properties instead.
         */
        interface IChatRoomEvent extends framegate.v1.ChatRoomEvent.$Properties {
        }

        /** Something changed about a chat room or its members. */
        class ChatRoomEvent {

            /**
             * Constructs a new ChatRoomEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChatRoomEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChatRoomEvent roomId. */
            roomId: string;

            /** ChatRoomEvent kind. */
            kind: framegate.v1.ChatRoomEvent.Kind;

            /** ChatRoomEvent member. */
            member: framegate.v1.ChatMember;

            /** Who did it. */
            byUserId: string;

            /**
             * Grows with each event of a room, not always by one. An event that comes twice, which a failure of the server can
             * cause, has the number that it had.
             */
            eventNumber: number;

            /**
             * Encodes the specified ChatRoomEvent message. Does not implicitly {@link framegate.v1.ChatRoomEvent.verify|verify} messages.
             * @param message ChatRoomEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChatRoomEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChatRoomEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChatRoomEvent & framegate.v1.ChatRoomEvent.$Shape} ChatRoomEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChatRoomEvent & framegate.v1.ChatRoomEvent.$Shape;
        }

        namespace ChatRoomEvent {

            /** Properties of a ChatRoomEvent. */
            interface $Properties {

                /** ChatRoomEvent roomId */
                roomId?: string;

                /** ChatRoomEvent kind */
                kind?: framegate.v1.ChatRoomEvent.Kind;

                /** ChatRoomEvent member */
                member?: framegate.v1.ChatMember.$Properties;

                /** Who did it. */
                byUserId?: string;

                /**
                 * Grows with each event of a room, not always by one. An event that comes twice, which a failure of the server can
                 * cause, has the number that it had.
                 */
                eventNumber?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChatRoomEvent. */
            type $Shape = framegate.v1.ChatRoomEvent.$Properties;

            /** Kind enum. */
            enum Kind {

                /** KIND_UNSPECIFIED value */
                KIND_UNSPECIFIED = 0,

                /** KIND_JOINED value */
                KIND_JOINED = 1,

                /** KIND_LEFT value */
                KIND_LEFT = 2,

                /** KIND_KICKED value */
                KIND_KICKED = 3,

                /** KIND_BANNED value */
                KIND_BANNED = 4,

                /** KIND_UNBANNED value */
                KIND_UNBANNED = 5,

                /** KIND_MUTED value */
                KIND_MUTED = 6,

                /** KIND_UNMUTED value */
                KIND_UNMUTED = 7,

                /** KIND_ROLE_CHANGED value */
                KIND_ROLE_CHANGED = 8,

                /** KIND_INVITED value */
                KIND_INVITED = 9,

                /** KIND_CREATED value */
                KIND_CREATED = 10
            }
        }

        /**
         * Properties of a PresenceChanged.
         * @deprecated Use framegate.v1.PresenceChanged.$Properties instead.
         */
        interface IPresenceChanged extends framegate.v1.PresenceChanged.$Properties {
        }

        /** A user whose presence the client is subscribed to came online or went offline. */
        class PresenceChanged {

            /**
             * Constructs a new PresenceChanged.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PresenceChanged.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PresenceChanged user. */
            user: framegate.v1.UserPresence;

            /**
             * Encodes the specified PresenceChanged message. Does not implicitly {@link framegate.v1.PresenceChanged.verify|verify} messages.
             * @param message PresenceChanged message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PresenceChanged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PresenceChanged message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PresenceChanged & framegate.v1.PresenceChanged.$Shape} PresenceChanged
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PresenceChanged & framegate.v1.PresenceChanged.$Shape;
        }

        namespace PresenceChanged {

            /** Properties of a PresenceChanged. */
            interface $Properties {

                /** PresenceChanged user */
                user?: framegate.v1.UserPresence.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PresenceChanged. */
            type $Shape = framegate.v1.PresenceChanged.$Properties;
        }

        /**
         * Properties of a ReadReceipt.
         * @deprecated Use framegate.v1.ReadReceipt.$Properties instead.
         */
        interface IReadReceipt extends framegate.v1.ReadReceipt.$Properties {
        }

        /** Somebody read a conversation up to a message. */
        class ReadReceipt {

            /**
             * Constructs a new ReadReceipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ReadReceipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReadReceipt conversationId. */
            conversationId: string;

            /** ReadReceipt userId. */
            userId: string;

            /** ReadReceipt sequence. */
            sequence: number;

            /**
             * Encodes the specified ReadReceipt message. Does not implicitly {@link framegate.v1.ReadReceipt.verify|verify} messages.
             * @param message ReadReceipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ReadReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReadReceipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ReadReceipt & framegate.v1.ReadReceipt.$Shape} ReadReceipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ReadReceipt & framegate.v1.ReadReceipt.$Shape;
        }

        namespace ReadReceipt {

            /** Properties of a ReadReceipt. */
            interface $Properties {

                /** ReadReceipt conversationId */
                conversationId?: string;

                /** ReadReceipt userId */
                userId?: string;

                /** ReadReceipt sequence */
                sequence?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReadReceipt. */
            type $Shape = framegate.v1.ReadReceipt.$Properties;
        }

        /**
         * Properties of a ListChatMembersRequest.
         * @deprecated Use framegate.v1.ListChatMembersRequest.$Properties instead.
         */
        interface IListChatMembersRequest extends framegate.v1.ListChatMembersRequest.$Properties {
        }

        /** Represents a ListChatMembersRequest. */
        class ListChatMembersRequest {

            /**
             * Constructs a new ListChatMembersRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListChatMembersRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListChatMembersRequest roomId. */
            roomId: string;

            /** ListChatMembersRequest state. */
            state: framegate.v1.MemberState;

            /** ListChatMembersRequest limit. */
            limit: number;

            /** ListChatMembersRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListChatMembersRequest message. Does not implicitly {@link framegate.v1.ListChatMembersRequest.verify|verify} messages.
             * @param message ListChatMembersRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListChatMembersRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListChatMembersRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListChatMembersRequest & framegate.v1.ListChatMembersRequest.$Shape} ListChatMembersRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListChatMembersRequest & framegate.v1.ListChatMembersRequest.$Shape;
        }

        namespace ListChatMembersRequest {

            /** Properties of a ListChatMembersRequest. */
            interface $Properties {

                /** ListChatMembersRequest roomId */
                roomId?: string;

                /** ListChatMembersRequest state */
                state?: framegate.v1.MemberState;

                /** ListChatMembersRequest limit */
                limit?: number;

                /** ListChatMembersRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListChatMembersRequest. */
            type $Shape = framegate.v1.ListChatMembersRequest.$Properties;
        }

        /**
         * Properties of a ListChatMembersResponse.
         * @deprecated Use framegate.v1.ListChatMembersResponse.$Properties instead.
         */
        interface IListChatMembersResponse extends framegate.v1.ListChatMembersResponse.$Properties {
        }

        /** Represents a ListChatMembersResponse. */
        class ListChatMembersResponse {

            /**
             * Constructs a new ListChatMembersResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListChatMembersResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListChatMembersResponse members. */
            members: framegate.v1.ChatMember[];

            /** ListChatMembersResponse nextCursor. */
            nextCursor: string;

            /**
             * Encodes the specified ListChatMembersResponse message. Does not implicitly {@link framegate.v1.ListChatMembersResponse.verify|verify} messages.
             * @param message ListChatMembersResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListChatMembersResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListChatMembersResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListChatMembersResponse & framegate.v1.ListChatMembersResponse.$Shape} ListChatMembersResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListChatMembersResponse & framegate.v1.ListChatMembersResponse.$Shape;
        }

        namespace ListChatMembersResponse {

            /** Properties of a ListChatMembersResponse. */
            interface $Properties {

                /** ListChatMembersResponse members */
                members?: framegate.v1.ChatMember.$Properties[];

                /** ListChatMembersResponse nextCursor */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListChatMembersResponse. */
            type $Shape = framegate.v1.ListChatMembersResponse.$Properties;
        }

        /** AlarmLevel enum. */
        enum AlarmLevel {

            /** ALARM_LEVEL_UNSPECIFIED value */
            ALARM_LEVEL_UNSPECIFIED = 0,

            /** ALARM_LEVEL_LOW value */
            ALARM_LEVEL_LOW = 1,

            /** ALARM_LEVEL_MEDIUM value */
            ALARM_LEVEL_MEDIUM = 2,

            /** ALARM_LEVEL_HIGH value */
            ALARM_LEVEL_HIGH = 3,

            /** ALARM_LEVEL_CRITICAL value */
            ALARM_LEVEL_CRITICAL = 4
        }

        /** AlarmStatus enum. */
        enum AlarmStatus {

            /** ALARM_STATUS_UNSPECIFIED value */
            ALARM_STATUS_UNSPECIFIED = 0,

            /** Also what writers call New. */
            ALARM_STATUS_ACTIVE = 1,

            /** ALARM_STATUS_ACKNOWLEDGED value */
            ALARM_STATUS_ACKNOWLEDGED = 2,

            /** ALARM_STATUS_RESOLVED value */
            ALARM_STATUS_RESOLVED = 3
        }

        /**
         * Properties of an AlarmRecord.
         * @deprecated Use framegate.v1.AlarmRecord.$Properties instead.
         */
        interface IAlarmRecord extends framegate.v1.AlarmRecord.$Properties {
        }

        /** Represents an AlarmRecord. */
        class AlarmRecord {

            /**
             * Constructs a new AlarmRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmRecord alarmId. */
            alarmId: string;

            /** AlarmRecord title. */
            title: string;

            /** AlarmRecord description. */
            description: string;

            /** AlarmRecord level. */
            level: framegate.v1.AlarmLevel;

            /** AlarmRecord status. */
            status: framegate.v1.AlarmStatus;

            /** Which service or device raised it. */
            source: string;

            /** AlarmRecord raisedAtMs. */
            raisedAtMs: number;

            /** AlarmRecord updatedAtMs. */
            updatedAtMs: number;

            /** AlarmRecord acknowledgedBy. */
            acknowledgedBy: string;

            /** AlarmRecord acknowledgedAtMs. */
            acknowledgedAtMs: number;

            /** AlarmRecord resolvedBy. */
            resolvedBy: string;

            /** AlarmRecord resolvedAtMs. */
            resolvedAtMs: number;

            /** What was said with the last acknowledgement or clearing. */
            comment: string;

            /**
             * Encodes the specified AlarmRecord message. Does not implicitly {@link framegate.v1.AlarmRecord.verify|verify} messages.
             * @param message AlarmRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmRecord & framegate.v1.AlarmRecord.$Shape} AlarmRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmRecord & framegate.v1.AlarmRecord.$Shape;
        }

        namespace AlarmRecord {

            /** Properties of an AlarmRecord. */
            interface $Properties {

                /** AlarmRecord alarmId */
                alarmId?: string;

                /** AlarmRecord title */
                title?: string;

                /** AlarmRecord description */
                description?: string;

                /** AlarmRecord level */
                level?: framegate.v1.AlarmLevel;

                /** AlarmRecord status */
                status?: framegate.v1.AlarmStatus;

                /** Which service or device raised it. */
                source?: string;

                /** AlarmRecord raisedAtMs */
                raisedAtMs?: number;

                /** AlarmRecord updatedAtMs */
                updatedAtMs?: number;

                /** AlarmRecord acknowledgedBy */
                acknowledgedBy?: string;

                /** AlarmRecord acknowledgedAtMs */
                acknowledgedAtMs?: number;

                /** AlarmRecord resolvedBy */
                resolvedBy?: string;

                /** AlarmRecord resolvedAtMs */
                resolvedAtMs?: number;

                /** What was said with the last acknowledgement or clearing. */
                comment?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmRecord. */
            type $Shape = framegate.v1.AlarmRecord.$Properties;
        }

        /**
         * Properties of an AlarmListRequest.
         * @deprecated Use framegate.v1.AlarmListRequest.$Properties instead.
         */
        interface IAlarmListRequest extends framegate.v1.AlarmListRequest.$Properties {
        }

        /** Represents an AlarmListRequest. */
        class AlarmListRequest {

            /**
             * Constructs a new AlarmListRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmListRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The box; empty: the first. */
            box: string;

            /** UNSPECIFIED: any. */
            status: framegate.v1.AlarmStatus;

            /** AlarmListRequest level. */
            level: framegate.v1.AlarmLevel;

            /** AlarmListRequest source. */
            source: string;

            /** AlarmListRequest cursor. */
            cursor: string;

            /** 0: 50. */
            limit: number;

            /**
             * Encodes the specified AlarmListRequest message. Does not implicitly {@link framegate.v1.AlarmListRequest.verify|verify} messages.
             * @param message AlarmListRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmListRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmListRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmListRequest & framegate.v1.AlarmListRequest.$Shape} AlarmListRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmListRequest & framegate.v1.AlarmListRequest.$Shape;
        }

        namespace AlarmListRequest {

            /** Properties of an AlarmListRequest. */
            interface $Properties {

                /** The box; empty: the first. */
                box?: string;

                /** UNSPECIFIED: any. */
                status?: framegate.v1.AlarmStatus;

                /** AlarmListRequest level */
                level?: framegate.v1.AlarmLevel;

                /** AlarmListRequest source */
                source?: string;

                /** AlarmListRequest cursor */
                cursor?: string;

                /** 0: 50. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmListRequest. */
            type $Shape = framegate.v1.AlarmListRequest.$Properties;
        }

        /**
         * Properties of an AlarmListResponse.
         * @deprecated Use framegate.v1.AlarmListResponse.$Properties instead.
         */
        interface IAlarmListResponse extends framegate.v1.AlarmListResponse.$Properties {
        }

        /** Represents an AlarmListResponse. */
        class AlarmListResponse {

            /**
             * Constructs a new AlarmListResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmListResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmListResponse alarms. */
            alarms: framegate.v1.AlarmRecord[];

            /** AlarmListResponse nextCursor. */
            nextCursor: string;

            /** When the box was last asked, Unix milliseconds: old while it does not answer. */
            asOfMs: number;

            /**
             * Encodes the specified AlarmListResponse message. Does not implicitly {@link framegate.v1.AlarmListResponse.verify|verify} messages.
             * @param message AlarmListResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmListResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmListResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmListResponse & framegate.v1.AlarmListResponse.$Shape} AlarmListResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmListResponse & framegate.v1.AlarmListResponse.$Shape;
        }

        namespace AlarmListResponse {

            /** Properties of an AlarmListResponse. */
            interface $Properties {

                /** AlarmListResponse alarms */
                alarms?: framegate.v1.AlarmRecord.$Properties[];

                /** AlarmListResponse nextCursor */
                nextCursor?: string;

                /** When the box was last asked, Unix milliseconds: old while it does not answer. */
                asOfMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmListResponse. */
            type $Shape = framegate.v1.AlarmListResponse.$Properties;
        }

        /**
         * Properties of an AlarmAckRequest.
         * @deprecated Use framegate.v1.AlarmAckRequest.$Properties instead.
         */
        interface IAlarmAckRequest extends framegate.v1.AlarmAckRequest.$Properties {
        }

        /** Represents an AlarmAckRequest. */
        class AlarmAckRequest {

            /**
             * Constructs a new AlarmAckRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmAckRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmAckRequest box. */
            box: string;

            /** AlarmAckRequest alarmId. */
            alarmId: string;

            /** AlarmAckRequest comment. */
            comment: string;

            /**
             * Encodes the specified AlarmAckRequest message. Does not implicitly {@link framegate.v1.AlarmAckRequest.verify|verify} messages.
             * @param message AlarmAckRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmAckRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmAckRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmAckRequest & framegate.v1.AlarmAckRequest.$Shape} AlarmAckRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmAckRequest & framegate.v1.AlarmAckRequest.$Shape;
        }

        namespace AlarmAckRequest {

            /** Properties of an AlarmAckRequest. */
            interface $Properties {

                /** AlarmAckRequest box */
                box?: string;

                /** AlarmAckRequest alarmId */
                alarmId?: string;

                /** AlarmAckRequest comment */
                comment?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmAckRequest. */
            type $Shape = framegate.v1.AlarmAckRequest.$Properties;
        }

        /**
         * Properties of an AlarmAckResponse.
         * @deprecated Use framegate.v1.AlarmAckResponse.$Properties instead.
         */
        interface IAlarmAckResponse extends framegate.v1.AlarmAckResponse.$Properties {
        }

        /** Represents an AlarmAckResponse. */
        class AlarmAckResponse {

            /**
             * Constructs a new AlarmAckResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmAckResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmAckResponse alarm. */
            alarm: framegate.v1.AlarmRecord;

            /**
             * Encodes the specified AlarmAckResponse message. Does not implicitly {@link framegate.v1.AlarmAckResponse.verify|verify} messages.
             * @param message AlarmAckResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmAckResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmAckResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmAckResponse & framegate.v1.AlarmAckResponse.$Shape} AlarmAckResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmAckResponse & framegate.v1.AlarmAckResponse.$Shape;
        }

        namespace AlarmAckResponse {

            /** Properties of an AlarmAckResponse. */
            interface $Properties {

                /** AlarmAckResponse alarm */
                alarm?: framegate.v1.AlarmRecord.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmAckResponse. */
            type $Shape = framegate.v1.AlarmAckResponse.$Properties;
        }

        /**
         * Properties of an AlarmClearRequest.
         * @deprecated Use framegate.v1.AlarmClearRequest.$Properties instead.
         */
        interface IAlarmClearRequest extends framegate.v1.AlarmClearRequest.$Properties {
        }

        /** Represents an AlarmClearRequest. */
        class AlarmClearRequest {

            /**
             * Constructs a new AlarmClearRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmClearRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmClearRequest box. */
            box: string;

            /** AlarmClearRequest alarmId. */
            alarmId: string;

            /** AlarmClearRequest comment. */
            comment: string;

            /**
             * Encodes the specified AlarmClearRequest message. Does not implicitly {@link framegate.v1.AlarmClearRequest.verify|verify} messages.
             * @param message AlarmClearRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmClearRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmClearRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmClearRequest & framegate.v1.AlarmClearRequest.$Shape} AlarmClearRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmClearRequest & framegate.v1.AlarmClearRequest.$Shape;
        }

        namespace AlarmClearRequest {

            /** Properties of an AlarmClearRequest. */
            interface $Properties {

                /** AlarmClearRequest box */
                box?: string;

                /** AlarmClearRequest alarmId */
                alarmId?: string;

                /** AlarmClearRequest comment */
                comment?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmClearRequest. */
            type $Shape = framegate.v1.AlarmClearRequest.$Properties;
        }

        /**
         * Properties of an AlarmClearResponse.
         * @deprecated Use framegate.v1.AlarmClearResponse.$Properties instead.
         */
        interface IAlarmClearResponse extends framegate.v1.AlarmClearResponse.$Properties {
        }

        /** Represents an AlarmClearResponse. */
        class AlarmClearResponse {

            /**
             * Constructs a new AlarmClearResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmClearResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmClearResponse alarm. */
            alarm: framegate.v1.AlarmRecord;

            /**
             * Encodes the specified AlarmClearResponse message. Does not implicitly {@link framegate.v1.AlarmClearResponse.verify|verify} messages.
             * @param message AlarmClearResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmClearResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmClearResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmClearResponse & framegate.v1.AlarmClearResponse.$Shape} AlarmClearResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmClearResponse & framegate.v1.AlarmClearResponse.$Shape;
        }

        namespace AlarmClearResponse {

            /** Properties of an AlarmClearResponse. */
            interface $Properties {

                /** AlarmClearResponse alarm */
                alarm?: framegate.v1.AlarmRecord.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmClearResponse. */
            type $Shape = framegate.v1.AlarmClearResponse.$Properties;
        }

        /**
         * Properties of an AlarmCountRequest.
         * @deprecated Use framegate.v1.AlarmCountRequest.$Properties instead.
         */
        interface IAlarmCountRequest extends framegate.v1.AlarmCountRequest.$Properties {
        }

        /** Represents an AlarmCountRequest. */
        class AlarmCountRequest {

            /**
             * Constructs a new AlarmCountRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmCountRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmCountRequest box. */
            box: string;

            /**
             * Encodes the specified AlarmCountRequest message. Does not implicitly {@link framegate.v1.AlarmCountRequest.verify|verify} messages.
             * @param message AlarmCountRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmCountRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmCountRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmCountRequest & framegate.v1.AlarmCountRequest.$Shape} AlarmCountRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmCountRequest & framegate.v1.AlarmCountRequest.$Shape;
        }

        namespace AlarmCountRequest {

            /** Properties of an AlarmCountRequest. */
            interface $Properties {

                /** AlarmCountRequest box */
                box?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmCountRequest. */
            type $Shape = framegate.v1.AlarmCountRequest.$Properties;
        }

        /**
         * Properties of an AlarmCountResponse.
         * @deprecated Use framegate.v1.AlarmCountResponse.$Properties instead.
         */
        interface IAlarmCountResponse extends framegate.v1.AlarmCountResponse.$Properties {
        }

        /** Represents an AlarmCountResponse. */
        class AlarmCountResponse {

            /**
             * Constructs a new AlarmCountResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmCountResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmCountResponse totals. */
            totals: framegate.v1.AlarmTotals;

            /** As in AlarmListResponse. */
            asOfMs: number;

            /**
             * Encodes the specified AlarmCountResponse message. Does not implicitly {@link framegate.v1.AlarmCountResponse.verify|verify} messages.
             * @param message AlarmCountResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmCountResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmCountResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmCountResponse & framegate.v1.AlarmCountResponse.$Shape} AlarmCountResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmCountResponse & framegate.v1.AlarmCountResponse.$Shape;
        }

        namespace AlarmCountResponse {

            /** Properties of an AlarmCountResponse. */
            interface $Properties {

                /** AlarmCountResponse totals */
                totals?: framegate.v1.AlarmTotals.$Properties;

                /** As in AlarmListResponse. */
                asOfMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmCountResponse. */
            type $Shape = framegate.v1.AlarmCountResponse.$Properties;
        }

        /**
         * Properties of an AlarmTotals.
         * @deprecated Use framegate.v1.AlarmTotals.$Properties instead.
         */
        interface IAlarmTotals extends framegate.v1.AlarmTotals.$Properties {
        }

        /** Represents an AlarmTotals. */
        class AlarmTotals {

            /**
             * Constructs a new AlarmTotals.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmTotals.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmTotals active. */
            active: number;

            /** AlarmTotals acknowledged. */
            acknowledged: number;

            /** AlarmTotals resolved. */
            resolved: number;

            /** Of those not resolved. */
            low: number;

            /** AlarmTotals medium. */
            medium: number;

            /** AlarmTotals high. */
            high: number;

            /** AlarmTotals critical. */
            critical: number;

            /**
             * Encodes the specified AlarmTotals message. Does not implicitly {@link framegate.v1.AlarmTotals.verify|verify} messages.
             * @param message AlarmTotals message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmTotals.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmTotals message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmTotals & framegate.v1.AlarmTotals.$Shape} AlarmTotals
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmTotals & framegate.v1.AlarmTotals.$Shape;
        }

        namespace AlarmTotals {

            /** Properties of an AlarmTotals. */
            interface $Properties {

                /** AlarmTotals active */
                active?: number;

                /** AlarmTotals acknowledged */
                acknowledged?: number;

                /** AlarmTotals resolved */
                resolved?: number;

                /** Of those not resolved. */
                low?: number;

                /** AlarmTotals medium */
                medium?: number;

                /** AlarmTotals high */
                high?: number;

                /** AlarmTotals critical */
                critical?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmTotals. */
            type $Shape = framegate.v1.AlarmTotals.$Properties;
        }

        /**
         * Properties of an AlarmSubscribeRequest.
         * @deprecated Use framegate.v1.AlarmSubscribeRequest.$Properties instead.
         */
        interface IAlarmSubscribeRequest extends framegate.v1.AlarmSubscribeRequest.$Properties {
        }

        /** Represents an AlarmSubscribeRequest. */
        class AlarmSubscribeRequest {

            /**
             * Constructs a new AlarmSubscribeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmSubscribeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmSubscribeRequest box. */
            box: string;

            /** Ends the subscription of an earlier call. */
            stop: boolean;

            /**
             * Encodes the specified AlarmSubscribeRequest message. Does not implicitly {@link framegate.v1.AlarmSubscribeRequest.verify|verify} messages.
             * @param message AlarmSubscribeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmSubscribeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmSubscribeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmSubscribeRequest & framegate.v1.AlarmSubscribeRequest.$Shape} AlarmSubscribeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmSubscribeRequest & framegate.v1.AlarmSubscribeRequest.$Shape;
        }

        namespace AlarmSubscribeRequest {

            /** Properties of an AlarmSubscribeRequest. */
            interface $Properties {

                /** AlarmSubscribeRequest box */
                box?: string;

                /** Ends the subscription of an earlier call. */
                stop?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmSubscribeRequest. */
            type $Shape = framegate.v1.AlarmSubscribeRequest.$Properties;
        }

        /**
         * Properties of an AlarmSubscribeResponse.
         * @deprecated Use framegate.v1.AlarmSubscribeResponse.$Properties instead.
         */
        interface IAlarmSubscribeResponse extends framegate.v1.AlarmSubscribeResponse.$Properties {
        }

        /** Represents an AlarmSubscribeResponse. */
        class AlarmSubscribeResponse {

            /**
             * Constructs a new AlarmSubscribeResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmSubscribeResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The position of the alarms' channel: pushes after it are delivered. */
            channel: string;

            /** AlarmSubscribeResponse offset. */
            offset: number;

            /** AlarmSubscribeResponse epoch. */
            epoch: string;

            /** AlarmSubscribeResponse totals. */
            totals: framegate.v1.AlarmTotals;

            /**
             * Encodes the specified AlarmSubscribeResponse message. Does not implicitly {@link framegate.v1.AlarmSubscribeResponse.verify|verify} messages.
             * @param message AlarmSubscribeResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmSubscribeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmSubscribeResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmSubscribeResponse & framegate.v1.AlarmSubscribeResponse.$Shape} AlarmSubscribeResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmSubscribeResponse & framegate.v1.AlarmSubscribeResponse.$Shape;
        }

        namespace AlarmSubscribeResponse {

            /** Properties of an AlarmSubscribeResponse. */
            interface $Properties {

                /** The position of the alarms' channel: pushes after it are delivered. */
                channel?: string;

                /** AlarmSubscribeResponse offset */
                offset?: number;

                /** AlarmSubscribeResponse epoch */
                epoch?: string;

                /** AlarmSubscribeResponse totals */
                totals?: framegate.v1.AlarmTotals.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmSubscribeResponse. */
            type $Shape = framegate.v1.AlarmSubscribeResponse.$Properties;
        }

        /**
         * Properties of an Alarm.
         * @deprecated Use framegate.v1.Alarm.$Properties instead.
         */
        interface IAlarm extends framegate.v1.Alarm.$Properties {
        }

        /** An alarm was raised, changed, or is gone. */
        class Alarm {

            /**
             * Constructs a new Alarm.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Alarm.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Alarm box. */
            box: string;

            /** Alarm alarm. */
            alarm: framegate.v1.AlarmRecord;

            /** Alarm change. */
            change: framegate.v1.Alarm.Change;

            /** Changes of this alarm that were not published one by one because it changed too often; this is its present state. */
            suppressed: number;

            /**
             * Encodes the specified Alarm message. Does not implicitly {@link framegate.v1.Alarm.verify|verify} messages.
             * @param message Alarm message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Alarm.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Alarm message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Alarm & framegate.v1.Alarm.$Shape} Alarm
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Alarm & framegate.v1.Alarm.$Shape;
        }

        namespace Alarm {

            /** Properties of an Alarm. */
            interface $Properties {

                /** Alarm box */
                box?: string;

                /** Alarm alarm */
                alarm?: framegate.v1.AlarmRecord.$Properties;

                /** Alarm change */
                change?: framegate.v1.Alarm.Change;

                /** Changes of this alarm that were not published one by one because it changed too often; this is its present state. */
                suppressed?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Alarm. */
            type $Shape = framegate.v1.Alarm.$Properties;

            /** Change enum. */
            enum Change {

                /** CHANGE_UNSPECIFIED value */
                CHANGE_UNSPECIFIED = 0,

                /** CHANGE_RAISED value */
                CHANGE_RAISED = 1,

                /** CHANGE_ACKNOWLEDGED value */
                CHANGE_ACKNOWLEDGED = 2,

                /** CHANGE_RESOLVED value */
                CHANGE_RESOLVED = 3,

                /** Another field than the status. */
                CHANGE_UPDATED = 4,

                /** The field service deleted it. */
                CHANGE_REMOVED = 5
            }
        }

        /**
         * Properties of an AlarmCount.
         * @deprecated Use framegate.v1.AlarmCount.$Properties instead.
         */
        interface IAlarmCount extends framegate.v1.AlarmCount.$Properties {
        }

        /** The totals after alarms changed. */
        class AlarmCount {

            /**
             * Constructs a new AlarmCount.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.AlarmCount.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AlarmCount box. */
            box: string;

            /** AlarmCount totals. */
            totals: framegate.v1.AlarmTotals;

            /**
             * Encodes the specified AlarmCount message. Does not implicitly {@link framegate.v1.AlarmCount.verify|verify} messages.
             * @param message AlarmCount message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.AlarmCount.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AlarmCount message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.AlarmCount & framegate.v1.AlarmCount.$Shape} AlarmCount
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.AlarmCount & framegate.v1.AlarmCount.$Shape;
        }

        namespace AlarmCount {

            /** Properties of an AlarmCount. */
            interface $Properties {

                /** AlarmCount box */
                box?: string;

                /** AlarmCount totals */
                totals?: framegate.v1.AlarmTotals.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AlarmCount. */
            type $Shape = framegate.v1.AlarmCount.$Properties;
        }

        /** CommandStage enum. */
        enum CommandStage {

            /** COMMAND_STAGE_UNSPECIFIED value */
            COMMAND_STAGE_UNSPECIFIED = 0,

            /** Written down and handed to the field service. */
            COMMAND_STAGE_ACCEPTED = 1,

            /** The field service has begun. */
            COMMAND_STAGE_EXECUTING = 2,

            /** The device did it, and said so. Final. */
            COMMAND_STAGE_EXECUTED = 3,

            /** It was refused, or the device failed. Final. */
            COMMAND_STAGE_FAILED = 4,

            /** No feedback in time: it may have been executed. Final. */
            COMMAND_STAGE_TIMEOUT = 5,

            /** It is not known whether the field service got it: the box broke off in the middle. It is not sent again. Final. */
            COMMAND_STAGE_UNKNOWN = 6
        }

        /**
         * Properties of a ControlTarget.
         * @deprecated Use framegate.v1.ControlTarget.$Properties instead.
         */
        interface IControlTarget extends framegate.v1.ControlTarget.$Properties {
        }

        /** A point that can be written. */
        class ControlTarget {

            /**
             * Constructs a new ControlTarget.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ControlTarget.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** As in SubscribeRequest. */
            source: string;

            /** ControlTarget channel. */
            channel: number;

            /** CONTROL, ADJUSTMENT or ACTION. */
            dataType: framegate.v1.DataType;

            /** ControlTarget pointId. */
            pointId: number;

            /**
             * Encodes the specified ControlTarget message. Does not implicitly {@link framegate.v1.ControlTarget.verify|verify} messages.
             * @param message ControlTarget message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ControlTarget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ControlTarget message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ControlTarget & framegate.v1.ControlTarget.$Shape} ControlTarget
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ControlTarget & framegate.v1.ControlTarget.$Shape;
        }

        namespace ControlTarget {

            /** Properties of a ControlTarget. */
            interface $Properties {

                /** As in SubscribeRequest. */
                source?: string;

                /** ControlTarget channel */
                channel?: number;

                /** CONTROL, ADJUSTMENT or ACTION. */
                dataType?: framegate.v1.DataType;

                /** ControlTarget pointId */
                pointId?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ControlTarget. */
            type $Shape = framegate.v1.ControlTarget.$Properties;
        }

        /**
         * Properties of a WritePointRequest.
         * @deprecated Use framegate.v1.WritePointRequest.$Properties instead.
         */
        interface IWritePointRequest extends framegate.v1.WritePointRequest.$Properties {
        }

        /** Represents a WritePointRequest. */
        class WritePointRequest {

            /**
             * Constructs a new WritePointRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.WritePointRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WritePointRequest target. */
            target: framegate.v1.ControlTarget;

            /** Presence counts: 0 is a value. */
            value: (number|null);

            /**
             * Chosen by the client, unique: a repeat with the same id and everything else the same is answered with the state of the
             * first, and never sent again; with anything else, the reason included, it is a CONFLICT. Empty: chosen by the gateway.
             */
            commandId: string;

            /** Why, for the audit trail. */
            reason: string;

            /**
             * Encodes the specified WritePointRequest message. Does not implicitly {@link framegate.v1.WritePointRequest.verify|verify} messages.
             * @param message WritePointRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.WritePointRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WritePointRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.WritePointRequest & framegate.v1.WritePointRequest.$Shape} WritePointRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.WritePointRequest & framegate.v1.WritePointRequest.$Shape;
        }

        namespace WritePointRequest {

            /** Properties of a WritePointRequest. */
            interface $Properties {

                /** WritePointRequest target */
                target?: framegate.v1.ControlTarget.$Properties;

                /** Presence counts: 0 is a value. */
                value?: (number|null);

                /**
                 * Chosen by the client, unique: a repeat with the same id and everything else the same is answered with the state of the
                 * first, and never sent again; with anything else, the reason included, it is a CONFLICT. Empty: chosen by the gateway.
                 */
                commandId?: string;

                /** Why, for the audit trail. */
                reason?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WritePointRequest. */
            type $Shape = framegate.v1.WritePointRequest.$Properties;
        }

        /**
         * Properties of a WritePointResponse.
         * @deprecated Use framegate.v1.WritePointResponse.$Properties instead.
         */
        interface IWritePointResponse extends framegate.v1.WritePointResponse.$Properties {
        }

        /** Represents a WritePointResponse. */
        class WritePointResponse {

            /**
             * Constructs a new WritePointResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.WritePointResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WritePointResponse commandId. */
            commandId: string;

            /** WritePointResponse stage. */
            stage: framegate.v1.CommandStage;

            /** By when the feedback is awaited, Unix milliseconds. */
            deadlineMs: number;

            /**
             * Encodes the specified WritePointResponse message. Does not implicitly {@link framegate.v1.WritePointResponse.verify|verify} messages.
             * @param message WritePointResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.WritePointResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WritePointResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.WritePointResponse & framegate.v1.WritePointResponse.$Shape} WritePointResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.WritePointResponse & framegate.v1.WritePointResponse.$Shape;
        }

        namespace WritePointResponse {

            /** Properties of a WritePointResponse. */
            interface $Properties {

                /** WritePointResponse commandId */
                commandId?: string;

                /** WritePointResponse stage */
                stage?: framegate.v1.CommandStage;

                /** By when the feedback is awaited, Unix milliseconds. */
                deadlineMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WritePointResponse. */
            type $Shape = framegate.v1.WritePointResponse.$Properties;
        }

        /**
         * Properties of a SelectPointRequest.
         * @deprecated Use framegate.v1.SelectPointRequest.$Properties instead.
         */
        interface ISelectPointRequest extends framegate.v1.SelectPointRequest.$Properties {
        }

        /** Represents a SelectPointRequest. */
        class SelectPointRequest {

            /**
             * Constructs a new SelectPointRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SelectPointRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SelectPointRequest target. */
            target: framegate.v1.ControlTarget;

            /** SelectPointRequest value. */
            value: (number|null);

            /** SelectPointRequest reason. */
            reason: string;

            /**
             * Encodes the specified SelectPointRequest message. Does not implicitly {@link framegate.v1.SelectPointRequest.verify|verify} messages.
             * @param message SelectPointRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SelectPointRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SelectPointRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SelectPointRequest & framegate.v1.SelectPointRequest.$Shape} SelectPointRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SelectPointRequest & framegate.v1.SelectPointRequest.$Shape;
        }

        namespace SelectPointRequest {

            /** Properties of a SelectPointRequest. */
            interface $Properties {

                /** SelectPointRequest target */
                target?: framegate.v1.ControlTarget.$Properties;

                /** SelectPointRequest value */
                value?: (number|null);

                /** SelectPointRequest reason */
                reason?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SelectPointRequest. */
            type $Shape = framegate.v1.SelectPointRequest.$Properties;
        }

        /**
         * Properties of a SelectPointResponse.
         * @deprecated Use framegate.v1.SelectPointResponse.$Properties instead.
         */
        interface ISelectPointResponse extends framegate.v1.SelectPointResponse.$Properties {
        }

        /** Represents a SelectPointResponse. */
        class SelectPointResponse {

            /**
             * Constructs a new SelectPointResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SelectPointResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SelectPointResponse selectId. */
            selectId: string;

            /** SelectPointResponse expiresAtMs. */
            expiresAtMs: number;

            /**
             * Encodes the specified SelectPointResponse message. Does not implicitly {@link framegate.v1.SelectPointResponse.verify|verify} messages.
             * @param message SelectPointResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SelectPointResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SelectPointResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SelectPointResponse & framegate.v1.SelectPointResponse.$Shape} SelectPointResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SelectPointResponse & framegate.v1.SelectPointResponse.$Shape;
        }

        namespace SelectPointResponse {

            /** Properties of a SelectPointResponse. */
            interface $Properties {

                /** SelectPointResponse selectId */
                selectId?: string;

                /** SelectPointResponse expiresAtMs */
                expiresAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SelectPointResponse. */
            type $Shape = framegate.v1.SelectPointResponse.$Properties;
        }

        /**
         * Properties of an OperatePointRequest.
         * @deprecated Use framegate.v1.OperatePointRequest.$Properties instead.
         */
        interface IOperatePointRequest extends framegate.v1.OperatePointRequest.$Properties {
        }

        /** Represents an OperatePointRequest. */
        class OperatePointRequest {

            /**
             * Constructs a new OperatePointRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.OperatePointRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OperatePointRequest selectId. */
            selectId: string;

            /** Must be the selected one. */
            value: (number|null);

            /** OperatePointRequest commandId. */
            commandId: string;

            /**
             * Encodes the specified OperatePointRequest message. Does not implicitly {@link framegate.v1.OperatePointRequest.verify|verify} messages.
             * @param message OperatePointRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.OperatePointRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OperatePointRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.OperatePointRequest & framegate.v1.OperatePointRequest.$Shape} OperatePointRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.OperatePointRequest & framegate.v1.OperatePointRequest.$Shape;
        }

        namespace OperatePointRequest {

            /** Properties of an OperatePointRequest. */
            interface $Properties {

                /** OperatePointRequest selectId */
                selectId?: string;

                /** Must be the selected one. */
                value?: (number|null);

                /** OperatePointRequest commandId */
                commandId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OperatePointRequest. */
            type $Shape = framegate.v1.OperatePointRequest.$Properties;
        }

        /**
         * Properties of an OperatePointResponse.
         * @deprecated Use framegate.v1.OperatePointResponse.$Properties instead.
         */
        interface IOperatePointResponse extends framegate.v1.OperatePointResponse.$Properties {
        }

        /** Represents an OperatePointResponse. */
        class OperatePointResponse {

            /**
             * Constructs a new OperatePointResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.OperatePointResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OperatePointResponse commandId. */
            commandId: string;

            /** OperatePointResponse stage. */
            stage: framegate.v1.CommandStage;

            /** By when the feedback is awaited, Unix milliseconds. */
            deadlineMs: number;

            /**
             * Encodes the specified OperatePointResponse message. Does not implicitly {@link framegate.v1.OperatePointResponse.verify|verify} messages.
             * @param message OperatePointResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.OperatePointResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OperatePointResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.OperatePointResponse & framegate.v1.OperatePointResponse.$Shape} OperatePointResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.OperatePointResponse & framegate.v1.OperatePointResponse.$Shape;
        }

        namespace OperatePointResponse {

            /** Properties of an OperatePointResponse. */
            interface $Properties {

                /** OperatePointResponse commandId */
                commandId?: string;

                /** OperatePointResponse stage */
                stage?: framegate.v1.CommandStage;

                /** By when the feedback is awaited, Unix milliseconds. */
                deadlineMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OperatePointResponse. */
            type $Shape = framegate.v1.OperatePointResponse.$Properties;
        }

        /**
         * Properties of a CancelSelectRequest.
         * @deprecated Use framegate.v1.CancelSelectRequest.$Properties instead.
         */
        interface ICancelSelectRequest extends framegate.v1.CancelSelectRequest.$Properties {
        }

        /** Represents a CancelSelectRequest. */
        class CancelSelectRequest {

            /**
             * Constructs a new CancelSelectRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CancelSelectRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CancelSelectRequest selectId. */
            selectId: string;

            /**
             * Encodes the specified CancelSelectRequest message. Does not implicitly {@link framegate.v1.CancelSelectRequest.verify|verify} messages.
             * @param message CancelSelectRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CancelSelectRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CancelSelectRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CancelSelectRequest & framegate.v1.CancelSelectRequest.$Shape} CancelSelectRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CancelSelectRequest & framegate.v1.CancelSelectRequest.$Shape;
        }

        namespace CancelSelectRequest {

            /** Properties of a CancelSelectRequest. */
            interface $Properties {

                /** CancelSelectRequest selectId */
                selectId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CancelSelectRequest. */
            type $Shape = framegate.v1.CancelSelectRequest.$Properties;
        }

        /**
         * Properties of a CancelSelectResponse.
         * @deprecated Use framegate.v1.CancelSelectResponse.$Properties instead.
         */
        interface ICancelSelectResponse extends framegate.v1.CancelSelectResponse.$Properties {
        }

        /** Represents a CancelSelectResponse. */
        class CancelSelectResponse {

            /**
             * Constructs a new CancelSelectResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CancelSelectResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** false: there was none any more. */
            wasSelected: boolean;

            /**
             * Encodes the specified CancelSelectResponse message. Does not implicitly {@link framegate.v1.CancelSelectResponse.verify|verify} messages.
             * @param message CancelSelectResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CancelSelectResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CancelSelectResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CancelSelectResponse & framegate.v1.CancelSelectResponse.$Shape} CancelSelectResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CancelSelectResponse & framegate.v1.CancelSelectResponse.$Shape;
        }

        namespace CancelSelectResponse {

            /** Properties of a CancelSelectResponse. */
            interface $Properties {

                /** false: there was none any more. */
                wasSelected?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CancelSelectResponse. */
            type $Shape = framegate.v1.CancelSelectResponse.$Properties;
        }

        /**
         * Properties of a CommandStatusRequest.
         * @deprecated Use framegate.v1.CommandStatusRequest.$Properties instead.
         */
        interface ICommandStatusRequest extends framegate.v1.CommandStatusRequest.$Properties {
        }

        /** Represents a CommandStatusRequest. */
        class CommandStatusRequest {

            /**
             * Constructs a new CommandStatusRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CommandStatusRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CommandStatusRequest commandId. */
            commandId: string;

            /**
             * Encodes the specified CommandStatusRequest message. Does not implicitly {@link framegate.v1.CommandStatusRequest.verify|verify} messages.
             * @param message CommandStatusRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CommandStatusRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CommandStatusRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CommandStatusRequest & framegate.v1.CommandStatusRequest.$Shape} CommandStatusRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CommandStatusRequest & framegate.v1.CommandStatusRequest.$Shape;
        }

        namespace CommandStatusRequest {

            /** Properties of a CommandStatusRequest. */
            interface $Properties {

                /** CommandStatusRequest commandId */
                commandId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CommandStatusRequest. */
            type $Shape = framegate.v1.CommandStatusRequest.$Properties;
        }

        /**
         * Properties of a CommandStatusResponse.
         * @deprecated Use framegate.v1.CommandStatusResponse.$Properties instead.
         */
        interface ICommandStatusResponse extends framegate.v1.CommandStatusResponse.$Properties {
        }

        /** Represents a CommandStatusResponse. */
        class CommandStatusResponse {

            /**
             * Constructs a new CommandStatusResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CommandStatusResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CommandStatusResponse command. */
            command: framegate.v1.ControlAck;

            /** CommandStatusResponse target. */
            target: framegate.v1.ControlTarget;

            /** CommandStatusResponse value. */
            value: number;

            /** CommandStatusResponse username. */
            username: string;

            /** CommandStatusResponse requestedAtMs. */
            requestedAtMs: number;

            /**
             * Encodes the specified CommandStatusResponse message. Does not implicitly {@link framegate.v1.CommandStatusResponse.verify|verify} messages.
             * @param message CommandStatusResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CommandStatusResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CommandStatusResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CommandStatusResponse & framegate.v1.CommandStatusResponse.$Shape} CommandStatusResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CommandStatusResponse & framegate.v1.CommandStatusResponse.$Shape;
        }

        namespace CommandStatusResponse {

            /** Properties of a CommandStatusResponse. */
            interface $Properties {

                /** CommandStatusResponse command */
                command?: framegate.v1.ControlAck.$Properties;

                /** CommandStatusResponse target */
                target?: framegate.v1.ControlTarget.$Properties;

                /** CommandStatusResponse value */
                value?: number;

                /** CommandStatusResponse username */
                username?: string;

                /** CommandStatusResponse requestedAtMs */
                requestedAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CommandStatusResponse. */
            type $Shape = framegate.v1.CommandStatusResponse.$Properties;
        }

        /**
         * Properties of a ControlAck.
         * @deprecated Use framegate.v1.ControlAck.$Properties instead.
         */
        interface IControlAck extends framegate.v1.ControlAck.$Properties {
        }

        /** A command has come to its next stage. Comes on the inbox of the user who gave it, and so survives a reconnect. */
        class ControlAck {

            /**
             * Constructs a new ControlAck.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ControlAck.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ControlAck commandId. */
            commandId: string;

            /** ControlAck stage. */
            stage: framegate.v1.CommandStage;

            /** No further ControlAck of this command comes. */
            isFinal: boolean;

            /** What the device says it did, if it says. */
            actualValue: (number|null);

            /** Why it failed, for people. */
            error: string;

            /** ControlAck atMs. */
            atMs: number;

            /**
             * Encodes the specified ControlAck message. Does not implicitly {@link framegate.v1.ControlAck.verify|verify} messages.
             * @param message ControlAck message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ControlAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ControlAck message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ControlAck & framegate.v1.ControlAck.$Shape} ControlAck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ControlAck & framegate.v1.ControlAck.$Shape;
        }

        namespace ControlAck {

            /** Properties of a ControlAck. */
            interface $Properties {

                /** ControlAck commandId */
                commandId?: string;

                /** ControlAck stage */
                stage?: framegate.v1.CommandStage;

                /** No further ControlAck of this command comes. */
                isFinal?: boolean;

                /** What the device says it did, if it says. */
                actualValue?: (number|null);

                /** Why it failed, for people. */
                error?: string;

                /** ControlAck atMs */
                atMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ControlAck. */
            type $Shape = framegate.v1.ControlAck.$Properties;
        }

        /** What kind of point: telemetry, signalling, and the two that can be written. */
        enum DataType {

            /** DATA_TYPE_UNSPECIFIED value */
            DATA_TYPE_UNSPECIFIED = 0,

            /** T: measured values (YC). */
            DATA_TYPE_TELEMETRY = 1,

            /** S: states (YX). */
            DATA_TYPE_SIGNAL = 2,

            /** C: switching commands (YK). */
            DATA_TYPE_CONTROL = 3,

            /** A: set points (YT). */
            DATA_TYPE_ADJUSTMENT = 4,

            /** M: measurements of a model instance. */
            DATA_TYPE_MEASUREMENT = 5,

            /** Actions of a model instance. */
            DATA_TYPE_ACTION = 6
        }

        /** SubscriptionMode enum. */
        enum SubscriptionMode {

            /** INTERVAL. */
            SUBSCRIPTION_MODE_UNSPECIFIED = 0,

            /** A FULL batch every interval. */
            SUBSCRIPTION_MODE_INTERVAL = 1,

            /** A DELTA batch with what moved beyond the deadband, at most one every interval. */
            SUBSCRIPTION_MODE_ON_CHANGE = 2,

            /** A DELTA batch as soon as a change is noticed, and a FULL one every interval. */
            SUBSCRIPTION_MODE_BOTH = 3
        }

        /** Quality enum. */
        enum Quality {

            /** The zero, as most values are good ones. */
            QUALITY_GOOD = 0,

            /** The value may be out of date, or the source does not answer. */
            QUALITY_UNCERTAIN = 1,

            /** What the device wrote is no value. */
            QUALITY_BAD = 2,

            /** There is no such point, or no key for its channel. */
            QUALITY_UNAVAILABLE = 3
        }

        /**
         * Properties of a Deadband.
         * @deprecated Use framegate.v1.Deadband.$Properties instead.
         */
        interface IDeadband extends framegate.v1.Deadband.$Properties {
        }

        /**
         * How far a number must move before ON_CHANGE and BOTH report it. A change of quality is always reported. At most one of the
         * two.
         */
        class Deadband {

            /**
             * Constructs a new Deadband.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Deadband.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In the unit of the point. */
            absolute: number;

            /** In percent of the last reported value, 0 to 100. */
            percent: number;

            /**
             * Encodes the specified Deadband message. Does not implicitly {@link framegate.v1.Deadband.verify|verify} messages.
             * @param message Deadband message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Deadband.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Deadband message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Deadband & framegate.v1.Deadband.$Shape} Deadband
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Deadband & framegate.v1.Deadband.$Shape;
        }

        namespace Deadband {

            /** Properties of a Deadband. */
            interface $Properties {

                /** In the unit of the point. */
                absolute?: number;

                /** In percent of the last reported value, 0 to 100. */
                percent?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Deadband. */
            type $Shape = framegate.v1.Deadband.$Properties;
        }

        /**
         * Properties of a SubscribeRequest.
         * @deprecated Use framegate.v1.SubscribeRequest.$Properties instead.
         */
        interface ISubscribeRequest extends framegate.v1.SubscribeRequest.$Properties {
        }

        /** Represents a SubscribeRequest. */
        class SubscribeRequest {

            /**
             * Constructs a new SubscribeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscribeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** "comsrv", "inst", or "box:comsrv" for a further box; empty: the first source of the gateway. */
            source: string;

            /** SubscribeRequest channels. */
            channels: number[];

            /** Empty: telemetry and signals; measurements where the source has instances. */
            dataTypes: framegate.v1.DataType[];

            /** Empty: all points of each channel. */
            pointIds: number[];

            /**
             * Wanted; 0: 1000. What is granted, 100 to 60000, is in the reply: longer than wanted where there would be too many points
             * a second on the connection, of the user, or in the gateway.
             */
            intervalMs: number;

            /** SubscribeRequest mode. */
            mode: framegate.v1.SubscriptionMode;

            /** SubscribeRequest deadband. */
            deadband: framegate.v1.Deadband;

            /** ON_CHANGE: a KEEPALIVE batch after so long without a change. 0: 30000; at least the interval. */
            keepaliveMs: number;

            /** A subscription of this connection that this one takes the place of, without a gap between them. */
            replace: string;

            /** The channels that are granted leave this connection's other subscriptions of the source, which go on with the rest. */
            exclusive: boolean;

            /**
             * Encodes the specified SubscribeRequest message. Does not implicitly {@link framegate.v1.SubscribeRequest.verify|verify} messages.
             * @param message SubscribeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscribeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscribeRequest & framegate.v1.SubscribeRequest.$Shape} SubscribeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscribeRequest & framegate.v1.SubscribeRequest.$Shape;
        }

        namespace SubscribeRequest {

            /** Properties of a SubscribeRequest. */
            interface $Properties {

                /** "comsrv", "inst", or "box:comsrv" for a further box; empty: the first source of the gateway. */
                source?: string;

                /** SubscribeRequest channels */
                channels?: number[];

                /** Empty: telemetry and signals; measurements where the source has instances. */
                dataTypes?: framegate.v1.DataType[];

                /** Empty: all points of each channel. */
                pointIds?: number[];

                /**
                 * Wanted; 0: 1000. What is granted, 100 to 60000, is in the reply: longer than wanted where there would be too many points
                 * a second on the connection, of the user, or in the gateway.
                 */
                intervalMs?: number;

                /** SubscribeRequest mode */
                mode?: framegate.v1.SubscriptionMode;

                /** SubscribeRequest deadband */
                deadband?: framegate.v1.Deadband.$Properties;

                /** ON_CHANGE: a KEEPALIVE batch after so long without a change. 0: 30000; at least the interval. */
                keepaliveMs?: number;

                /** A subscription of this connection that this one takes the place of, without a gap between them. */
                replace?: string;

                /** The channels that are granted leave this connection's other subscriptions of the source, which go on with the rest. */
                exclusive?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscribeRequest. */
            type $Shape = framegate.v1.SubscribeRequest.$Properties;
        }

        /**
         * Properties of a FailedChannel.
         * @deprecated Use framegate.v1.FailedChannel.$Properties instead.
         */
        interface IFailedChannel extends framegate.v1.FailedChannel.$Properties {
        }

        /** Represents a FailedChannel. */
        class FailedChannel {

            /**
             * Constructs a new FailedChannel.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.FailedChannel.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FailedChannel channel. */
            channel: number;

            /** FailedChannel reason. */
            reason: string;

            /**
             * Encodes the specified FailedChannel message. Does not implicitly {@link framegate.v1.FailedChannel.verify|verify} messages.
             * @param message FailedChannel message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.FailedChannel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FailedChannel message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.FailedChannel & framegate.v1.FailedChannel.$Shape} FailedChannel
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.FailedChannel & framegate.v1.FailedChannel.$Shape;
        }

        namespace FailedChannel {

            /** Properties of a FailedChannel. */
            interface $Properties {

                /** FailedChannel channel */
                channel?: number;

                /** FailedChannel reason */
                reason?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FailedChannel. */
            type $Shape = framegate.v1.FailedChannel.$Properties;
        }

        /**
         * Properties of a SubscribeResponse.
         * @deprecated Use framegate.v1.SubscribeResponse.$Properties instead.
         */
        interface ISubscribeResponse extends framegate.v1.SubscribeResponse.$Properties {
        }

        /** Represents a SubscribeResponse. */
        class SubscribeResponse {

            /**
             * Constructs a new SubscribeResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscribeResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscribeResponse subId. */
            subId: string;

            /** SubscribeResponse subscribed. */
            subscribed: number[];

            /**
             * Channels that are not open to subscribers here. A channel that has no data yet is subscribed: its points are
             * UNAVAILABLE until it has.
             */
            failed: framegate.v1.FailedChannel[];

            /** SubscribeResponse revisedIntervalMs. */
            revisedIntervalMs: number;

            /** SubscribeResponse revisedKeepaliveMs. */
            revisedKeepaliveMs: number;

            /** BOTH: how often is looked for changes. Longer than usual where the subscription has many points. */
            revisedSampleMs: number;

            /**
             * Encodes the specified SubscribeResponse message. Does not implicitly {@link framegate.v1.SubscribeResponse.verify|verify} messages.
             * @param message SubscribeResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscribeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscribeResponse & framegate.v1.SubscribeResponse.$Shape} SubscribeResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscribeResponse & framegate.v1.SubscribeResponse.$Shape;
        }

        namespace SubscribeResponse {

            /** Properties of a SubscribeResponse. */
            interface $Properties {

                /** SubscribeResponse subId */
                subId?: string;

                /** SubscribeResponse subscribed */
                subscribed?: number[];

                /**
                 * Channels that are not open to subscribers here. A channel that has no data yet is subscribed: its points are
                 * UNAVAILABLE until it has.
                 */
                failed?: framegate.v1.FailedChannel.$Properties[];

                /** SubscribeResponse revisedIntervalMs */
                revisedIntervalMs?: number;

                /** SubscribeResponse revisedKeepaliveMs */
                revisedKeepaliveMs?: number;

                /** BOTH: how often is looked for changes. Longer than usual where the subscription has many points. */
                revisedSampleMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscribeResponse. */
            type $Shape = framegate.v1.SubscribeResponse.$Properties;
        }

        /**
         * Properties of an UnsubscribeRequest.
         * @deprecated Use framegate.v1.UnsubscribeRequest.$Properties instead.
         */
        interface IUnsubscribeRequest extends framegate.v1.UnsubscribeRequest.$Properties {
        }

        /** Represents an UnsubscribeRequest. */
        class UnsubscribeRequest {

            /**
             * Constructs a new UnsubscribeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnsubscribeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: all subscriptions of this connection. */
            subId: string;

            /** Only these channels; what remains of a subscription goes on under a new sub_id. Empty: whole subscriptions. */
            channels: number[];

            /**
             * Encodes the specified UnsubscribeRequest message. Does not implicitly {@link framegate.v1.UnsubscribeRequest.verify|verify} messages.
             * @param message UnsubscribeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnsubscribeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnsubscribeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnsubscribeRequest & framegate.v1.UnsubscribeRequest.$Shape} UnsubscribeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnsubscribeRequest & framegate.v1.UnsubscribeRequest.$Shape;
        }

        namespace UnsubscribeRequest {

            /** Properties of an UnsubscribeRequest. */
            interface $Properties {

                /** Empty: all subscriptions of this connection. */
                subId?: string;

                /** Only these channels; what remains of a subscription goes on under a new sub_id. Empty: whole subscriptions. */
                channels?: number[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnsubscribeRequest. */
            type $Shape = framegate.v1.UnsubscribeRequest.$Properties;
        }

        /**
         * Properties of an UnsubscribeResponse.
         * @deprecated Use framegate.v1.UnsubscribeResponse.$Properties instead.
         */
        interface IUnsubscribeResponse extends framegate.v1.UnsubscribeResponse.$Properties {
        }

        /** Represents an UnsubscribeResponse. */
        class UnsubscribeResponse {

            /**
             * Constructs a new UnsubscribeResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnsubscribeResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** How many subscriptions ended, those that go on under a new sub_id included. */
            ended: number;

            /** What goes on under a new sub_id. */
            remaining: framegate.v1.SubscribeResponse[];

            /** More goes on than one reply may carry: ListSubscriptions has all. */
            isTruncated: boolean;

            /**
             * Encodes the specified UnsubscribeResponse message. Does not implicitly {@link framegate.v1.UnsubscribeResponse.verify|verify} messages.
             * @param message UnsubscribeResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnsubscribeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnsubscribeResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnsubscribeResponse & framegate.v1.UnsubscribeResponse.$Shape} UnsubscribeResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnsubscribeResponse & framegate.v1.UnsubscribeResponse.$Shape;
        }

        namespace UnsubscribeResponse {

            /** Properties of an UnsubscribeResponse. */
            interface $Properties {

                /** How many subscriptions ended, those that go on under a new sub_id included. */
                ended?: number;

                /** What goes on under a new sub_id. */
                remaining?: framegate.v1.SubscribeResponse.$Properties[];

                /** More goes on than one reply may carry: ListSubscriptions has all. */
                isTruncated?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnsubscribeResponse. */
            type $Shape = framegate.v1.UnsubscribeResponse.$Properties;
        }

        /**
         * Properties of a ListSubscriptionsRequest.
         * @deprecated Use framegate.v1.ListSubscriptionsRequest.$Properties instead.
         */
        interface IListSubscriptionsRequest extends framegate.v1.ListSubscriptionsRequest.$Properties {
        }

        /** Represents a ListSubscriptionsRequest. */
        class ListSubscriptionsRequest {

            /**
             * Constructs a new ListSubscriptionsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListSubscriptionsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListSubscriptionsRequest cursor. */
            cursor: string;

            /** 0: as many as one reply may carry. */
            limit: number;

            /**
             * Encodes the specified ListSubscriptionsRequest message. Does not implicitly {@link framegate.v1.ListSubscriptionsRequest.verify|verify} messages.
             * @param message ListSubscriptionsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListSubscriptionsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListSubscriptionsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListSubscriptionsRequest & framegate.v1.ListSubscriptionsRequest.$Shape} ListSubscriptionsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListSubscriptionsRequest & framegate.v1.ListSubscriptionsRequest.$Shape;
        }

        namespace ListSubscriptionsRequest {

            /** Properties of a ListSubscriptionsRequest. */
            interface $Properties {

                /** ListSubscriptionsRequest cursor */
                cursor?: string;

                /** 0: as many as one reply may carry. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListSubscriptionsRequest. */
            type $Shape = framegate.v1.ListSubscriptionsRequest.$Properties;
        }

        /**
         * Properties of a SubscriptionInfo.
         * @deprecated Use framegate.v1.SubscriptionInfo.$Properties instead.
         */
        interface ISubscriptionInfo extends framegate.v1.SubscriptionInfo.$Properties {
        }

        /** Represents a SubscriptionInfo. */
        class SubscriptionInfo {

            /**
             * Constructs a new SubscriptionInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscriptionInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscriptionInfo subId. */
            subId: string;

            /** SubscriptionInfo source. */
            source: string;

            /** SubscriptionInfo channels. */
            channels: number[];

            /** SubscriptionInfo dataTypes. */
            dataTypes: framegate.v1.DataType[];

            /** SubscriptionInfo pointIds. */
            pointIds: number[];

            /** SubscriptionInfo intervalMs. */
            intervalMs: number;

            /** SubscriptionInfo mode. */
            mode: framegate.v1.SubscriptionMode;

            /** SubscriptionInfo deadband. */
            deadband: framegate.v1.Deadband;

            /** SubscriptionInfo keepaliveMs. */
            keepaliveMs: number;

            /** This client reads too slowly and gets the newest values when it can. */
            isLagging: boolean;

            /** Batches that this client did not get for that reason. */
            dropped: number;

            /**
             * Encodes the specified SubscriptionInfo message. Does not implicitly {@link framegate.v1.SubscriptionInfo.verify|verify} messages.
             * @param message SubscriptionInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscriptionInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscriptionInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscriptionInfo & framegate.v1.SubscriptionInfo.$Shape} SubscriptionInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscriptionInfo & framegate.v1.SubscriptionInfo.$Shape;
        }

        namespace SubscriptionInfo {

            /** Properties of a SubscriptionInfo. */
            interface $Properties {

                /** SubscriptionInfo subId */
                subId?: string;

                /** SubscriptionInfo source */
                source?: string;

                /** SubscriptionInfo channels */
                channels?: number[];

                /** SubscriptionInfo dataTypes */
                dataTypes?: framegate.v1.DataType[];

                /** SubscriptionInfo pointIds */
                pointIds?: number[];

                /** SubscriptionInfo intervalMs */
                intervalMs?: number;

                /** SubscriptionInfo mode */
                mode?: framegate.v1.SubscriptionMode;

                /** SubscriptionInfo deadband */
                deadband?: framegate.v1.Deadband.$Properties;

                /** SubscriptionInfo keepaliveMs */
                keepaliveMs?: number;

                /** This client reads too slowly and gets the newest values when it can. */
                isLagging?: boolean;

                /** Batches that this client did not get for that reason. */
                dropped?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscriptionInfo. */
            type $Shape = framegate.v1.SubscriptionInfo.$Properties;
        }

        /**
         * Properties of a ListSubscriptionsResponse.
         * @deprecated Use framegate.v1.ListSubscriptionsResponse.$Properties instead.
         */
        interface IListSubscriptionsResponse extends framegate.v1.ListSubscriptionsResponse.$Properties {
        }

        /** Represents a ListSubscriptionsResponse. */
        class ListSubscriptionsResponse {

            /**
             * Constructs a new ListSubscriptionsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListSubscriptionsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListSubscriptionsResponse subscriptions. */
            subscriptions: framegate.v1.SubscriptionInfo[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ListSubscriptionsResponse message. Does not implicitly {@link framegate.v1.ListSubscriptionsResponse.verify|verify} messages.
             * @param message ListSubscriptionsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListSubscriptionsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListSubscriptionsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListSubscriptionsResponse & framegate.v1.ListSubscriptionsResponse.$Shape} ListSubscriptionsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListSubscriptionsResponse & framegate.v1.ListSubscriptionsResponse.$Shape;
        }

        namespace ListSubscriptionsResponse {

            /** Properties of a ListSubscriptionsResponse. */
            interface $Properties {

                /** ListSubscriptionsResponse subscriptions */
                subscriptions?: framegate.v1.SubscriptionInfo.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListSubscriptionsResponse. */
            type $Shape = framegate.v1.ListSubscriptionsResponse.$Properties;
        }

        /**
         * Properties of a ReadNowRequest.
         * @deprecated Use framegate.v1.ReadNowRequest.$Properties instead.
         */
        interface IReadNowRequest extends framegate.v1.ReadNowRequest.$Properties {
        }

        /** Represents a ReadNowRequest. */
        class ReadNowRequest {

            /**
             * Constructs a new ReadNowRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ReadNowRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReadNowRequest source. */
            source: string;

            /** ReadNowRequest channels. */
            channels: number[];

            /** ReadNowRequest dataTypes. */
            dataTypes: framegate.v1.DataType[];

            /** ReadNowRequest pointIds. */
            pointIds: number[];

            /**
             * Encodes the specified ReadNowRequest message. Does not implicitly {@link framegate.v1.ReadNowRequest.verify|verify} messages.
             * @param message ReadNowRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ReadNowRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReadNowRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ReadNowRequest & framegate.v1.ReadNowRequest.$Shape} ReadNowRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ReadNowRequest & framegate.v1.ReadNowRequest.$Shape;
        }

        namespace ReadNowRequest {

            /** Properties of a ReadNowRequest. */
            interface $Properties {

                /** ReadNowRequest source */
                source?: string;

                /** ReadNowRequest channels */
                channels?: number[];

                /** ReadNowRequest dataTypes */
                dataTypes?: framegate.v1.DataType[];

                /** ReadNowRequest pointIds */
                pointIds?: number[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReadNowRequest. */
            type $Shape = framegate.v1.ReadNowRequest.$Properties;
        }

        /**
         * Properties of a ReadNowResponse.
         * @deprecated Use framegate.v1.ReadNowResponse.$Properties instead.
         */
        interface IReadNowResponse extends framegate.v1.ReadNowResponse.$Properties {
        }

        /** Represents a ReadNowResponse. */
        class ReadNowResponse {

            /**
             * Constructs a new ReadNowResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ReadNowResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReadNowResponse updates. */
            updates: framegate.v1.ChannelUpdate[];

            /** ReadNowResponse failed. */
            failed: framegate.v1.FailedChannel[];

            /** ReadNowResponse serverTsMs. */
            serverTsMs: number;

            /** More points than one reply may carry (2000, and its bytes): ask for fewer. */
            isTruncated: boolean;

            /**
             * Encodes the specified ReadNowResponse message. Does not implicitly {@link framegate.v1.ReadNowResponse.verify|verify} messages.
             * @param message ReadNowResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ReadNowResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReadNowResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ReadNowResponse & framegate.v1.ReadNowResponse.$Shape} ReadNowResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ReadNowResponse & framegate.v1.ReadNowResponse.$Shape;
        }

        namespace ReadNowResponse {

            /** Properties of a ReadNowResponse. */
            interface $Properties {

                /** ReadNowResponse updates */
                updates?: framegate.v1.ChannelUpdate.$Properties[];

                /** ReadNowResponse failed */
                failed?: framegate.v1.FailedChannel.$Properties[];

                /** ReadNowResponse serverTsMs */
                serverTsMs?: number;

                /** More points than one reply may carry (2000, and its bytes): ask for fewer. */
                isTruncated?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReadNowResponse. */
            type $Shape = {
              updates?: framegate.v1.ChannelUpdate.$Shape[];
              failed?: framegate.v1.FailedChannel.$Shape[];
              serverTsMs?: number;
              isTruncated?: boolean;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a ListChannelsRequest.
         * @deprecated Use framegate.v1.ListChannelsRequest.$Properties instead.
         */
        interface IListChannelsRequest extends framegate.v1.ListChannelsRequest.$Properties {
        }

        /** Represents a ListChannelsRequest. */
        class ListChannelsRequest {

            /**
             * Constructs a new ListChannelsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListChannelsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: the first source. */
            source: string;

            /** ListChannelsRequest cursor. */
            cursor: string;

            /** 0: 100. */
            limit: number;

            /**
             * Encodes the specified ListChannelsRequest message. Does not implicitly {@link framegate.v1.ListChannelsRequest.verify|verify} messages.
             * @param message ListChannelsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListChannelsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListChannelsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListChannelsRequest & framegate.v1.ListChannelsRequest.$Shape} ListChannelsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListChannelsRequest & framegate.v1.ListChannelsRequest.$Shape;
        }

        namespace ListChannelsRequest {

            /** Properties of a ListChannelsRequest. */
            interface $Properties {

                /** Empty: the first source. */
                source?: string;

                /** ListChannelsRequest cursor */
                cursor?: string;

                /** 0: 100. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListChannelsRequest. */
            type $Shape = framegate.v1.ListChannelsRequest.$Properties;
        }

        /**
         * Properties of a ChannelInfo.
         * @deprecated Use framegate.v1.ChannelInfo.$Properties instead.
         */
        interface IChannelInfo extends framegate.v1.ChannelInfo.$Properties {
        }

        /** Represents a ChannelInfo. */
        class ChannelInfo {

            /**
             * Constructs a new ChannelInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelInfo channel. */
            channel: number;

            /** ChannelInfo data. */
            data: framegate.v1.DataTypeCount[];

            /** Whether the field service reports the device as on line; absent when the box does not report it. */
            isOnline: (boolean|null);

            /** Unix milliseconds; 0 when not reported. */
            lastUpdateMs: number;

            /**
             * Encodes the specified ChannelInfo message. Does not implicitly {@link framegate.v1.ChannelInfo.verify|verify} messages.
             * @param message ChannelInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelInfo & framegate.v1.ChannelInfo.$Shape} ChannelInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelInfo & framegate.v1.ChannelInfo.$Shape;
        }

        namespace ChannelInfo {

            /** Properties of a ChannelInfo. */
            interface $Properties {

                /** ChannelInfo channel */
                channel?: number;

                /** ChannelInfo data */
                data?: framegate.v1.DataTypeCount.$Properties[];

                /** Whether the field service reports the device as on line; absent when the box does not report it. */
                isOnline?: (boolean|null);

                /** Unix milliseconds; 0 when not reported. */
                lastUpdateMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelInfo. */
            type $Shape = framegate.v1.ChannelInfo.$Properties;
        }

        /**
         * Properties of a DataTypeCount.
         * @deprecated Use framegate.v1.DataTypeCount.$Properties instead.
         */
        interface IDataTypeCount extends framegate.v1.DataTypeCount.$Properties {
        }

        /** Represents a DataTypeCount. */
        class DataTypeCount {

            /**
             * Constructs a new DataTypeCount.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DataTypeCount.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DataTypeCount dataType. */
            dataType: framegate.v1.DataType;

            /** DataTypeCount points. */
            points: number;

            /**
             * Encodes the specified DataTypeCount message. Does not implicitly {@link framegate.v1.DataTypeCount.verify|verify} messages.
             * @param message DataTypeCount message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DataTypeCount.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DataTypeCount message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DataTypeCount & framegate.v1.DataTypeCount.$Shape} DataTypeCount
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DataTypeCount & framegate.v1.DataTypeCount.$Shape;
        }

        namespace DataTypeCount {

            /** Properties of a DataTypeCount. */
            interface $Properties {

                /** DataTypeCount dataType */
                dataType?: framegate.v1.DataType;

                /** DataTypeCount points */
                points?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DataTypeCount. */
            type $Shape = framegate.v1.DataTypeCount.$Properties;
        }

        /**
         * Properties of a SourceInfo.
         * @deprecated Use framegate.v1.SourceInfo.$Properties instead.
         */
        interface ISourceInfo extends framegate.v1.SourceInfo.$Properties {
        }

        /** Represents a SourceInfo. */
        class SourceInfo {

            /**
             * Constructs a new SourceInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SourceInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SourceInfo name. */
            name: string;

            /** SourceInfo state. */
            state: framegate.v1.SourceState;

            /** What may be subscribed to. */
            dataTypes: framegate.v1.DataType[];

            /**
             * Encodes the specified SourceInfo message. Does not implicitly {@link framegate.v1.SourceInfo.verify|verify} messages.
             * @param message SourceInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SourceInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SourceInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SourceInfo & framegate.v1.SourceInfo.$Shape} SourceInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SourceInfo & framegate.v1.SourceInfo.$Shape;
        }

        namespace SourceInfo {

            /** Properties of a SourceInfo. */
            interface $Properties {

                /** SourceInfo name */
                name?: string;

                /** SourceInfo state */
                state?: framegate.v1.SourceState;

                /** What may be subscribed to. */
                dataTypes?: framegate.v1.DataType[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SourceInfo. */
            type $Shape = framegate.v1.SourceInfo.$Properties;
        }

        /**
         * Properties of a ListChannelsResponse.
         * @deprecated Use framegate.v1.ListChannelsResponse.$Properties instead.
         */
        interface IListChannelsResponse extends framegate.v1.ListChannelsResponse.$Properties {
        }

        /** Represents a ListChannelsResponse. */
        class ListChannelsResponse {

            /**
             * Constructs a new ListChannelsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListChannelsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListChannelsResponse channels. */
            channels: framegate.v1.ChannelInfo[];

            /** Empty at the end. */
            nextCursor: string;

            /** ListChannelsResponse sources. */
            sources: framegate.v1.SourceInfo[];

            /**
             * Encodes the specified ListChannelsResponse message. Does not implicitly {@link framegate.v1.ListChannelsResponse.verify|verify} messages.
             * @param message ListChannelsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListChannelsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListChannelsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListChannelsResponse & framegate.v1.ListChannelsResponse.$Shape} ListChannelsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListChannelsResponse & framegate.v1.ListChannelsResponse.$Shape;
        }

        namespace ListChannelsResponse {

            /** Properties of a ListChannelsResponse. */
            interface $Properties {

                /** ListChannelsResponse channels */
                channels?: framegate.v1.ChannelInfo.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** ListChannelsResponse sources */
                sources?: framegate.v1.SourceInfo.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListChannelsResponse. */
            type $Shape = framegate.v1.ListChannelsResponse.$Properties;
        }

        /**
         * Properties of a ResyncRequest.
         * @deprecated Use framegate.v1.ResyncRequest.$Properties instead.
         */
        interface IResyncRequest extends framegate.v1.ResyncRequest.$Properties {
        }

        /** Represents a ResyncRequest. */
        class ResyncRequest {

            /**
             * Constructs a new ResyncRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ResyncRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: all subscriptions of this connection. */
            subId: string;

            /**
             * Encodes the specified ResyncRequest message. Does not implicitly {@link framegate.v1.ResyncRequest.verify|verify} messages.
             * @param message ResyncRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ResyncRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ResyncRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ResyncRequest & framegate.v1.ResyncRequest.$Shape} ResyncRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ResyncRequest & framegate.v1.ResyncRequest.$Shape;
        }

        namespace ResyncRequest {

            /** Properties of a ResyncRequest. */
            interface $Properties {

                /** Empty: all subscriptions of this connection. */
                subId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ResyncRequest. */
            type $Shape = framegate.v1.ResyncRequest.$Properties;
        }

        /**
         * Properties of a ResyncResponse.
         * @deprecated Use framegate.v1.ResyncResponse.$Properties instead.
         */
        interface IResyncResponse extends framegate.v1.ResyncResponse.$Properties {
        }

        /** Represents a ResyncResponse. */
        class ResyncResponse {

            /**
             * Constructs a new ResyncResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ResyncResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Subscriptions whose FULL batch has been sent, before this reply. */
            subIds: string[];

            /**
             * Encodes the specified ResyncResponse message. Does not implicitly {@link framegate.v1.ResyncResponse.verify|verify} messages.
             * @param message ResyncResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ResyncResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ResyncResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ResyncResponse & framegate.v1.ResyncResponse.$Shape} ResyncResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ResyncResponse & framegate.v1.ResyncResponse.$Shape;
        }

        namespace ResyncResponse {

            /** Properties of a ResyncResponse. */
            interface $Properties {

                /** Subscriptions whose FULL batch has been sent, before this reply. */
                subIds?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ResyncResponse. */
            type $Shape = framegate.v1.ResyncResponse.$Properties;
        }

        /**
         * Properties of a PointValue.
         * @deprecated Use framegate.v1.PointValue.$Properties instead.
         */
        interface IPointValue extends framegate.v1.PointValue.$Properties {
        }

        /** Represents a PointValue. */
        class PointValue {

            /**
             * Constructs a new PointValue.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PointValue.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PointValue pointId. */
            pointId: number;

            /** PointValue num. */
            num: (number|null);

            /** PointValue str. */
            str: (string|null);

            /** PointValue bool. */
            bool: (boolean|null);

            /** PointValue quality. */
            quality: framegate.v1.Quality;

            /**
             * Quality descriptors of IEC 60870-5-104 (7.2.6.3): 1 OV overflow, 16 BL blocked, 32 SB substituted, 64 NT not
             * topical, 128 IV invalid.
             */
            flags: number;

            /** When the field service wrote it, Unix milliseconds; 0 when it does not report it. */
            sourceTsMs: number;

            /** Absent when there is none. What is BAD or UNAVAILABLE may have one, to look at and not to act upon. */
            value?: ("num"|"str"|"bool");

            /**
             * Encodes the specified PointValue message. Does not implicitly {@link framegate.v1.PointValue.verify|verify} messages.
             * @param message PointValue message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PointValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PointValue message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PointValue & framegate.v1.PointValue.$Shape} PointValue
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PointValue & framegate.v1.PointValue.$Shape;
        }

        namespace PointValue {

            /** Properties of a PointValue. */
            interface $Properties {

                /** PointValue pointId */
                pointId?: number;

                /** PointValue num */
                num?: (number|null);

                /** PointValue str */
                str?: (string|null);

                /** PointValue bool */
                bool?: (boolean|null);

                /** PointValue quality */
                quality?: framegate.v1.Quality;

                /**
                 * Quality descriptors of IEC 60870-5-104 (7.2.6.3): 1 OV overflow, 16 BL blocked, 32 SB substituted, 64 NT not
                 * topical, 128 IV invalid.
                 */
                flags?: number;

                /** When the field service wrote it, Unix milliseconds; 0 when it does not report it. */
                sourceTsMs?: number;

                /** Absent when there is none. What is BAD or UNAVAILABLE may have one, to look at and not to act upon. */
                value?: ("num"|"str"|"bool");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a PointValue. */
            type $Shape = {
              pointId?: number;
              num?: number|null;
              str?: string|null;
              bool?: boolean|null;
              quality?: framegate.v1.Quality;
              flags?: number;
              sourceTsMs?: number;
              $unknowns?: Uint8Array[];
            } & (
              ({ value?: undefined; num?: null; str?: null; bool?: null }|{ value?: "num"; num: number; str?: null; bool?: null }|{ value?: "str"; num?: null; str: string; bool?: null }|{ value?: "bool"; num?: null; str?: null; bool: boolean })
            );
        }

        /**
         * Properties of a ChannelUpdate.
         * @deprecated Use framegate.v1.ChannelUpdate.$Properties instead.
         */
        interface IChannelUpdate extends framegate.v1.ChannelUpdate.$Properties {
        }

        /** Points of one channel and type. */
        class ChannelUpdate {

            /**
             * Constructs a new ChannelUpdate.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ChannelUpdate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChannelUpdate source. */
            source: string;

            /** ChannelUpdate channelId. */
            channelId: number;

            /** ChannelUpdate dataType. */
            dataType: framegate.v1.DataType;

            /** ChannelUpdate points. */
            points: framegate.v1.PointValue[];

            /** Set when the channel as a whole has no data; its points then count as UNAVAILABLE, or BAD where a reason says so. */
            quality: framegate.v1.Quality;

            /** Why, for people: "no such key", "WRONGTYPE …". */
            reason: string;

            /**
             * Encodes the specified ChannelUpdate message. Does not implicitly {@link framegate.v1.ChannelUpdate.verify|verify} messages.
             * @param message ChannelUpdate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ChannelUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChannelUpdate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ChannelUpdate & framegate.v1.ChannelUpdate.$Shape} ChannelUpdate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ChannelUpdate & framegate.v1.ChannelUpdate.$Shape;
        }

        namespace ChannelUpdate {

            /** Properties of a ChannelUpdate. */
            interface $Properties {

                /** ChannelUpdate source */
                source?: string;

                /** ChannelUpdate channelId */
                channelId?: number;

                /** ChannelUpdate dataType */
                dataType?: framegate.v1.DataType;

                /** ChannelUpdate points */
                points?: framegate.v1.PointValue.$Properties[];

                /** Set when the channel as a whole has no data; its points then count as UNAVAILABLE, or BAD where a reason says so. */
                quality?: framegate.v1.Quality;

                /** Why, for people: "no such key", "WRONGTYPE …". */
                reason?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChannelUpdate. */
            type $Shape = {
              source?: string;
              channelId?: number;
              dataType?: framegate.v1.DataType;
              points?: framegate.v1.PointValue.$Shape[];
              quality?: framegate.v1.Quality;
              reason?: string;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a DataBatch.
         * @deprecated Use framegate.v1.DataBatch.$Properties instead.
         */
        interface IDataBatch extends framegate.v1.DataBatch.$Properties {
        }

        /** Values of a subscription. Subscriptions that ask for the same share these very bytes. */
        class DataBatch {

            /**
             * Constructs a new DataBatch.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DataBatch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DataBatch subId. */
            subId: string;

            /** Counts up by one. A jump means that something was missed: Resync. FULL batches may begin anywhere. */
            seq: number;

            /** DataBatch kind. */
            kind: framegate.v1.DataBatch.Kind;

            /** DataBatch serverTsMs. */
            serverTsMs: number;

            /**
             * Batches that this client did not get because it read too slowly, since the last one that it got. This batch is FULL,
             * and holds the newest value of every point.
             */
            dropped: number;

            /** DataBatch updates. */
            updates: framegate.v1.ChannelUpdate[];

            /** Further batches belong to this one: it was too large for one message. */
            more: boolean;

            /**
             * Encodes the specified DataBatch message. Does not implicitly {@link framegate.v1.DataBatch.verify|verify} messages.
             * @param message DataBatch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DataBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DataBatch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DataBatch & framegate.v1.DataBatch.$Shape} DataBatch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DataBatch & framegate.v1.DataBatch.$Shape;
        }

        namespace DataBatch {

            /** Properties of a DataBatch. */
            interface $Properties {

                /** DataBatch subId */
                subId?: string;

                /** Counts up by one. A jump means that something was missed: Resync. FULL batches may begin anywhere. */
                seq?: number;

                /** DataBatch kind */
                kind?: framegate.v1.DataBatch.Kind;

                /** DataBatch serverTsMs */
                serverTsMs?: number;

                /**
                 * Batches that this client did not get because it read too slowly, since the last one that it got. This batch is FULL,
                 * and holds the newest value of every point.
                 */
                dropped?: number;

                /** DataBatch updates */
                updates?: framegate.v1.ChannelUpdate.$Properties[];

                /** Further batches belong to this one: it was too large for one message. */
                more?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DataBatch. */
            type $Shape = {
              subId?: string;
              seq?: number;
              kind?: framegate.v1.DataBatch.Kind;
              serverTsMs?: number;
              dropped?: number;
              updates?: framegate.v1.ChannelUpdate.$Shape[];
              more?: boolean;
              $unknowns?: Uint8Array[];
            };

            /** Kind enum. */
            enum Kind {

                /** KIND_UNSPECIFIED value */
                KIND_UNSPECIFIED = 0,

                /** All points of the subscription. */
                KIND_FULL = 1,

                /** What changed since the batch before. */
                KIND_DELTA = 2,

                /** Nothing changed. */
                KIND_KEEPALIVE = 3
            }
        }

        /** SourceState enum. */
        enum SourceState {

            /** SOURCE_STATE_UNSPECIFIED value */
            SOURCE_STATE_UNSPECIFIED = 0,

            /** SOURCE_STATE_UP value */
            SOURCE_STATE_UP = 1,

            /** Does not answer: values are UNCERTAIN, controls are refused. */
            SOURCE_STATE_DOWN = 2,

            /** Answers, and is loading its data. */
            SOURCE_STATE_LOADING = 3
        }

        /**
         * Properties of a SourceStatus.
         * @deprecated Use framegate.v1.SourceStatus.$Properties instead.
         */
        interface ISourceStatus extends framegate.v1.SourceStatus.$Properties {
        }

        /** A source that this client has subscriptions of has changed its state. */
        class SourceStatus {

            /**
             * Constructs a new SourceStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SourceStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SourceStatus source. */
            source: string;

            /** SourceStatus state. */
            state: framegate.v1.SourceState;

            /** SourceStatus reason. */
            reason: string;

            /** SourceStatus sinceMs. */
            sinceMs: number;

            /**
             * Encodes the specified SourceStatus message. Does not implicitly {@link framegate.v1.SourceStatus.verify|verify} messages.
             * @param message SourceStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SourceStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SourceStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SourceStatus & framegate.v1.SourceStatus.$Shape} SourceStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SourceStatus & framegate.v1.SourceStatus.$Shape;
        }

        namespace SourceStatus {

            /** Properties of a SourceStatus. */
            interface $Properties {

                /** SourceStatus source */
                source?: string;

                /** SourceStatus state */
                state?: framegate.v1.SourceState;

                /** SourceStatus reason */
                reason?: string;

                /** SourceStatus sinceMs */
                sinceMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SourceStatus. */
            type $Shape = framegate.v1.SourceStatus.$Properties;
        }

        /**
         * Properties of a SubscriptionRevised.
         * @deprecated Use framegate.v1.SubscriptionRevised.$Properties instead.
         */
        interface ISubscriptionRevised extends framegate.v1.SubscriptionRevised.$Properties {
        }

        /** The gateway changed a subscription on its own. */
        class SubscriptionRevised {

            /**
             * Constructs a new SubscriptionRevised.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscriptionRevised.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscriptionRevised subId. */
            subId: string;

            /** SubscriptionRevised intervalMs. */
            intervalMs: number;

            /** SubscriptionRevised reason. */
            reason: string;

            /**
             * The subscription ended: it turned out to have, or has come to have, more points than are served; `reason` says which limit
             * it is.
             */
            ended: boolean;

            /**
             * Encodes the specified SubscriptionRevised message. Does not implicitly {@link framegate.v1.SubscriptionRevised.verify|verify} messages.
             * @param message SubscriptionRevised message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscriptionRevised.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscriptionRevised message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscriptionRevised & framegate.v1.SubscriptionRevised.$Shape} SubscriptionRevised
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscriptionRevised & framegate.v1.SubscriptionRevised.$Shape;
        }

        namespace SubscriptionRevised {

            /** Properties of a SubscriptionRevised. */
            interface $Properties {

                /** SubscriptionRevised subId */
                subId?: string;

                /** SubscriptionRevised intervalMs */
                intervalMs?: number;

                /** SubscriptionRevised reason */
                reason?: string;

                /**
                 * The subscription ended: it turned out to have, or has come to have, more points than are served; `reason` says which limit
                 * it is.
                 */
                ended?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscriptionRevised. */
            type $Shape = framegate.v1.SubscriptionRevised.$Properties;
        }

        /**
         * Properties of a ModelSummary.
         * @deprecated Use framegate.v1.ModelSummary.$Properties instead.
         */
        interface IModelSummary extends framegate.v1.ModelSummary.$Properties {
        }

        /** Represents a ModelSummary. */
        class ModelSummary {

            /**
             * Constructs a new ModelSummary.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelSummary.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelSummary id. */
            id: string;

            /** ModelSummary name. */
            name: string;

            /** ModelSummary template. */
            template: string;

            /**
             * Encodes the specified ModelSummary message. Does not implicitly {@link framegate.v1.ModelSummary.verify|verify} messages.
             * @param message ModelSummary message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelSummary message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelSummary & framegate.v1.ModelSummary.$Shape} ModelSummary
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelSummary & framegate.v1.ModelSummary.$Shape;
        }

        namespace ModelSummary {

            /** Properties of a ModelSummary. */
            interface $Properties {

                /** ModelSummary id */
                id?: string;

                /** ModelSummary name */
                name?: string;

                /** ModelSummary template */
                template?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelSummary. */
            type $Shape = framegate.v1.ModelSummary.$Properties;
        }

        /**
         * Properties of a PointMapping.
         * @deprecated Use framegate.v1.PointMapping.$Properties instead.
         */
        interface IPointMapping extends framegate.v1.PointMapping.$Properties {
        }

        /** Represents a PointMapping. */
        class PointMapping {

            /**
             * Constructs a new PointMapping.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PointMapping.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PointMapping name. */
            name: string;

            /** PointMapping channel. */
            channel: number;

            /** PointMapping pointId. */
            pointId: number;

            /** PointMapping dataType. */
            dataType: framegate.v1.DataType;

            /**
             * Encodes the specified PointMapping message. Does not implicitly {@link framegate.v1.PointMapping.verify|verify} messages.
             * @param message PointMapping message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PointMapping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PointMapping message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PointMapping & framegate.v1.PointMapping.$Shape} PointMapping
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PointMapping & framegate.v1.PointMapping.$Shape;
        }

        namespace PointMapping {

            /** Properties of a PointMapping. */
            interface $Properties {

                /** PointMapping name */
                name?: string;

                /** PointMapping channel */
                channel?: number;

                /** PointMapping pointId */
                pointId?: number;

                /** PointMapping dataType */
                dataType?: framegate.v1.DataType;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PointMapping. */
            type $Shape = framegate.v1.PointMapping.$Properties;
        }

        /**
         * Properties of a Model.
         * @deprecated Use framegate.v1.Model.$Properties instead.
         */
        interface IModel extends framegate.v1.Model.$Properties {
        }

        /** Represents a Model. */
        class Model {

            /**
             * Constructs a new Model.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Model.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Model id. */
            id: string;

            /** Model name. */
            name: string;

            /** Model template. */
            template: string;

            /** Values that are no strings come as their JSON. */
            properties: { [k: string]: string };

            /** Model measurements. */
            measurements: framegate.v1.PointMapping[];

            /** Model actions. */
            actions: framegate.v1.PointMapping[];

            /**
             * Encodes the specified Model message. Does not implicitly {@link framegate.v1.Model.verify|verify} messages.
             * @param message Model message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Model.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Model message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Model & framegate.v1.Model.$Shape} Model
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Model & framegate.v1.Model.$Shape;
        }

        namespace Model {

            /** Properties of a Model. */
            interface $Properties {

                /** Model id */
                id?: string;

                /** Model name */
                name?: string;

                /** Model template */
                template?: string;

                /** Values that are no strings come as their JSON. */
                properties?: { [k: string]: string };

                /** Model measurements */
                measurements?: framegate.v1.PointMapping.$Properties[];

                /** Model actions */
                actions?: framegate.v1.PointMapping.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Model. */
            type $Shape = framegate.v1.Model.$Properties;
        }

        /**
         * Properties of a ModelListRequest.
         * @deprecated Use framegate.v1.ModelListRequest.$Properties instead.
         */
        interface IModelListRequest extends framegate.v1.ModelListRequest.$Properties {
        }

        /** Represents a ModelListRequest. */
        class ModelListRequest {

            /**
             * Constructs a new ModelListRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelListRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelListRequest box. */
            box: string;

            /** Empty: all. */
            template: string;

            /** ModelListRequest cursor. */
            cursor: string;

            /** 0: 100. */
            limit: number;

            /**
             * Encodes the specified ModelListRequest message. Does not implicitly {@link framegate.v1.ModelListRequest.verify|verify} messages.
             * @param message ModelListRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelListRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelListRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelListRequest & framegate.v1.ModelListRequest.$Shape} ModelListRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelListRequest & framegate.v1.ModelListRequest.$Shape;
        }

        namespace ModelListRequest {

            /** Properties of a ModelListRequest. */
            interface $Properties {

                /** ModelListRequest box */
                box?: string;

                /** Empty: all. */
                template?: string;

                /** ModelListRequest cursor */
                cursor?: string;

                /** 0: 100. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelListRequest. */
            type $Shape = framegate.v1.ModelListRequest.$Properties;
        }

        /**
         * Properties of a ModelListResponse.
         * @deprecated Use framegate.v1.ModelListResponse.$Properties instead.
         */
        interface IModelListResponse extends framegate.v1.ModelListResponse.$Properties {
        }

        /** Represents a ModelListResponse. */
        class ModelListResponse {

            /**
             * Constructs a new ModelListResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelListResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelListResponse models. */
            models: framegate.v1.ModelSummary[];

            /** ModelListResponse nextCursor. */
            nextCursor: string;

            /**
             * Encodes the specified ModelListResponse message. Does not implicitly {@link framegate.v1.ModelListResponse.verify|verify} messages.
             * @param message ModelListResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelListResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelListResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelListResponse & framegate.v1.ModelListResponse.$Shape} ModelListResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelListResponse & framegate.v1.ModelListResponse.$Shape;
        }

        namespace ModelListResponse {

            /** Properties of a ModelListResponse. */
            interface $Properties {

                /** ModelListResponse models */
                models?: framegate.v1.ModelSummary.$Properties[];

                /** ModelListResponse nextCursor */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelListResponse. */
            type $Shape = framegate.v1.ModelListResponse.$Properties;
        }

        /**
         * Properties of a ModelGetRequest.
         * @deprecated Use framegate.v1.ModelGetRequest.$Properties instead.
         */
        interface IModelGetRequest extends framegate.v1.ModelGetRequest.$Properties {
        }

        /** Represents a ModelGetRequest. */
        class ModelGetRequest {

            /**
             * Constructs a new ModelGetRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelGetRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelGetRequest box. */
            box: string;

            /** ModelGetRequest modelId. */
            modelId: string;

            /** ModelGetRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ModelGetRequest message. Does not implicitly {@link framegate.v1.ModelGetRequest.verify|verify} messages.
             * @param message ModelGetRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelGetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelGetRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelGetRequest & framegate.v1.ModelGetRequest.$Shape} ModelGetRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelGetRequest & framegate.v1.ModelGetRequest.$Shape;
        }

        namespace ModelGetRequest {

            /** Properties of a ModelGetRequest. */
            interface $Properties {

                /** ModelGetRequest box */
                box?: string;

                /** ModelGetRequest modelId */
                modelId?: string;

                /** ModelGetRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelGetRequest. */
            type $Shape = framegate.v1.ModelGetRequest.$Properties;
        }

        /**
         * Properties of a ModelGetResponse.
         * @deprecated Use framegate.v1.ModelGetResponse.$Properties instead.
         */
        interface IModelGetResponse extends framegate.v1.ModelGetResponse.$Properties {
        }

        /** Represents a ModelGetResponse. */
        class ModelGetResponse {

            /**
             * Constructs a new ModelGetResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelGetResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** With a cursor: the properties, measurements and actions behind those of the reply before. */
            model: framegate.v1.Model;

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ModelGetResponse message. Does not implicitly {@link framegate.v1.ModelGetResponse.verify|verify} messages.
             * @param message ModelGetResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelGetResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelGetResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelGetResponse & framegate.v1.ModelGetResponse.$Shape} ModelGetResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelGetResponse & framegate.v1.ModelGetResponse.$Shape;
        }

        namespace ModelGetResponse {

            /** Properties of a ModelGetResponse. */
            interface $Properties {

                /** With a cursor: the properties, measurements and actions behind those of the reply before. */
                model?: framegate.v1.Model.$Properties;

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelGetResponse. */
            type $Shape = framegate.v1.ModelGetResponse.$Properties;
        }

        /**
         * Properties of a ModelValuesRequest.
         * @deprecated Use framegate.v1.ModelValuesRequest.$Properties instead.
         */
        interface IModelValuesRequest extends framegate.v1.ModelValuesRequest.$Properties {
        }

        /** Represents a ModelValuesRequest. */
        class ModelValuesRequest {

            /**
             * Constructs a new ModelValuesRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelValuesRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelValuesRequest box. */
            box: string;

            /** ModelValuesRequest modelId. */
            modelId: string;

            /** ModelValuesRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ModelValuesRequest message. Does not implicitly {@link framegate.v1.ModelValuesRequest.verify|verify} messages.
             * @param message ModelValuesRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelValuesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelValuesRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelValuesRequest & framegate.v1.ModelValuesRequest.$Shape} ModelValuesRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelValuesRequest & framegate.v1.ModelValuesRequest.$Shape;
        }

        namespace ModelValuesRequest {

            /** Properties of a ModelValuesRequest. */
            interface $Properties {

                /** ModelValuesRequest box */
                box?: string;

                /** ModelValuesRequest modelId */
                modelId?: string;

                /** ModelValuesRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelValuesRequest. */
            type $Shape = framegate.v1.ModelValuesRequest.$Properties;
        }

        /**
         * Properties of a NamedValue.
         * @deprecated Use framegate.v1.NamedValue.$Properties instead.
         */
        interface INamedValue extends framegate.v1.NamedValue.$Properties {
        }

        /** Represents a NamedValue. */
        class NamedValue {

            /**
             * Constructs a new NamedValue.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.NamedValue.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NamedValue name. */
            name: string;

            /** `point_id` is 0 where the model's own hash gives the value, not a mapping. */
            value: framegate.v1.PointValue;

            /**
             * Encodes the specified NamedValue message. Does not implicitly {@link framegate.v1.NamedValue.verify|verify} messages.
             * @param message NamedValue message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.NamedValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NamedValue message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.NamedValue & framegate.v1.NamedValue.$Shape} NamedValue
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.NamedValue & framegate.v1.NamedValue.$Shape;
        }

        namespace NamedValue {

            /** Properties of a NamedValue. */
            interface $Properties {

                /** NamedValue name */
                name?: string;

                /** `point_id` is 0 where the model's own hash gives the value, not a mapping. */
                value?: framegate.v1.PointValue.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NamedValue. */
            type $Shape = {
              name?: string;
              value?: framegate.v1.PointValue.$Shape;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a ModelValuesResponse.
         * @deprecated Use framegate.v1.ModelValuesResponse.$Properties instead.
         */
        interface IModelValuesResponse extends framegate.v1.ModelValuesResponse.$Properties {
        }

        /** Represents a ModelValuesResponse. */
        class ModelValuesResponse {

            /**
             * Constructs a new ModelValuesResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ModelValuesResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ModelValuesResponse measurements. */
            measurements: framegate.v1.NamedValue[];

            /** ModelValuesResponse actions. */
            actions: framegate.v1.NamedValue[];

            /** ModelValuesResponse serverTsMs. */
            serverTsMs: number;

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ModelValuesResponse message. Does not implicitly {@link framegate.v1.ModelValuesResponse.verify|verify} messages.
             * @param message ModelValuesResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ModelValuesResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ModelValuesResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ModelValuesResponse & framegate.v1.ModelValuesResponse.$Shape} ModelValuesResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ModelValuesResponse & framegate.v1.ModelValuesResponse.$Shape;
        }

        namespace ModelValuesResponse {

            /** Properties of a ModelValuesResponse. */
            interface $Properties {

                /** ModelValuesResponse measurements */
                measurements?: framegate.v1.NamedValue.$Properties[];

                /** ModelValuesResponse actions */
                actions?: framegate.v1.NamedValue.$Properties[];

                /** ModelValuesResponse serverTsMs */
                serverTsMs?: number;

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ModelValuesResponse. */
            type $Shape = {
              measurements?: framegate.v1.NamedValue.$Shape[];
              actions?: framegate.v1.NamedValue.$Shape[];
              serverTsMs?: number;
              nextCursor?: string;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a RuleSummary.
         * @deprecated Use framegate.v1.RuleSummary.$Properties instead.
         */
        interface IRuleSummary extends framegate.v1.RuleSummary.$Properties {
        }

        /** Represents a RuleSummary. */
        class RuleSummary {

            /**
             * Constructs a new RuleSummary.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleSummary.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleSummary id. */
            id: string;

            /** RuleSummary name. */
            name: string;

            /** RuleSummary isActive. */
            isActive: boolean;

            /** Lower comes first, as the box has it. */
            priority: number;

            /**
             * Encodes the specified RuleSummary message. Does not implicitly {@link framegate.v1.RuleSummary.verify|verify} messages.
             * @param message RuleSummary message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleSummary message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleSummary & framegate.v1.RuleSummary.$Shape} RuleSummary
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleSummary & framegate.v1.RuleSummary.$Shape;
        }

        namespace RuleSummary {

            /** Properties of a RuleSummary. */
            interface $Properties {

                /** RuleSummary id */
                id?: string;

                /** RuleSummary name */
                name?: string;

                /** RuleSummary isActive */
                isActive?: boolean;

                /** Lower comes first, as the box has it. */
                priority?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleSummary. */
            type $Shape = framegate.v1.RuleSummary.$Properties;
        }

        /**
         * Properties of a RuleListRequest.
         * @deprecated Use framegate.v1.RuleListRequest.$Properties instead.
         */
        interface IRuleListRequest extends framegate.v1.RuleListRequest.$Properties {
        }

        /** Represents a RuleListRequest. */
        class RuleListRequest {

            /**
             * Constructs a new RuleListRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleListRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleListRequest box. */
            box: string;

            /** RuleListRequest onlyActive. */
            onlyActive: boolean;

            /** RuleListRequest cursor. */
            cursor: string;

            /** 0: 100. */
            limit: number;

            /**
             * Encodes the specified RuleListRequest message. Does not implicitly {@link framegate.v1.RuleListRequest.verify|verify} messages.
             * @param message RuleListRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleListRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleListRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleListRequest & framegate.v1.RuleListRequest.$Shape} RuleListRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleListRequest & framegate.v1.RuleListRequest.$Shape;
        }

        namespace RuleListRequest {

            /** Properties of a RuleListRequest. */
            interface $Properties {

                /** RuleListRequest box */
                box?: string;

                /** RuleListRequest onlyActive */
                onlyActive?: boolean;

                /** RuleListRequest cursor */
                cursor?: string;

                /** 0: 100. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleListRequest. */
            type $Shape = framegate.v1.RuleListRequest.$Properties;
        }

        /**
         * Properties of a RuleListResponse.
         * @deprecated Use framegate.v1.RuleListResponse.$Properties instead.
         */
        interface IRuleListResponse extends framegate.v1.RuleListResponse.$Properties {
        }

        /** Represents a RuleListResponse. */
        class RuleListResponse {

            /**
             * Constructs a new RuleListResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleListResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleListResponse rules. */
            rules: framegate.v1.RuleSummary[];

            /** RuleListResponse nextCursor. */
            nextCursor: string;

            /**
             * Encodes the specified RuleListResponse message. Does not implicitly {@link framegate.v1.RuleListResponse.verify|verify} messages.
             * @param message RuleListResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleListResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleListResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleListResponse & framegate.v1.RuleListResponse.$Shape} RuleListResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleListResponse & framegate.v1.RuleListResponse.$Shape;
        }

        namespace RuleListResponse {

            /** Properties of a RuleListResponse. */
            interface $Properties {

                /** RuleListResponse rules */
                rules?: framegate.v1.RuleSummary.$Properties[];

                /** RuleListResponse nextCursor */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleListResponse. */
            type $Shape = framegate.v1.RuleListResponse.$Properties;
        }

        /**
         * Properties of a RuleGetRequest.
         * @deprecated Use framegate.v1.RuleGetRequest.$Properties instead.
         */
        interface IRuleGetRequest extends framegate.v1.RuleGetRequest.$Properties {
        }

        /** Represents a RuleGetRequest. */
        class RuleGetRequest {

            /**
             * Constructs a new RuleGetRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleGetRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleGetRequest box. */
            box: string;

            /** RuleGetRequest ruleId. */
            ruleId: string;

            /**
             * Encodes the specified RuleGetRequest message. Does not implicitly {@link framegate.v1.RuleGetRequest.verify|verify} messages.
             * @param message RuleGetRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleGetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleGetRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleGetRequest & framegate.v1.RuleGetRequest.$Shape} RuleGetRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleGetRequest & framegate.v1.RuleGetRequest.$Shape;
        }

        namespace RuleGetRequest {

            /** Properties of a RuleGetRequest. */
            interface $Properties {

                /** RuleGetRequest box */
                box?: string;

                /** RuleGetRequest ruleId */
                ruleId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleGetRequest. */
            type $Shape = framegate.v1.RuleGetRequest.$Properties;
        }

        /**
         * Properties of a RuleGetResponse.
         * @deprecated Use framegate.v1.RuleGetResponse.$Properties instead.
         */
        interface IRuleGetResponse extends framegate.v1.RuleGetResponse.$Properties {
        }

        /** Represents a RuleGetResponse. */
        class RuleGetResponse {

            /**
             * Constructs a new RuleGetResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleGetResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleGetResponse rule. */
            rule: framegate.v1.RuleSummary;

            /** The rule as the box keeps it, JSON. */
            definitionJson: string;

            /**
             * Encodes the specified RuleGetResponse message. Does not implicitly {@link framegate.v1.RuleGetResponse.verify|verify} messages.
             * @param message RuleGetResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleGetResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleGetResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleGetResponse & framegate.v1.RuleGetResponse.$Shape} RuleGetResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleGetResponse & framegate.v1.RuleGetResponse.$Shape;
        }

        namespace RuleGetResponse {

            /** Properties of a RuleGetResponse. */
            interface $Properties {

                /** RuleGetResponse rule */
                rule?: framegate.v1.RuleSummary.$Properties;

                /** The rule as the box keeps it, JSON. */
                definitionJson?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleGetResponse. */
            type $Shape = framegate.v1.RuleGetResponse.$Properties;
        }

        /**
         * Properties of a RuleStateRequest.
         * @deprecated Use framegate.v1.RuleStateRequest.$Properties instead.
         */
        interface IRuleStateRequest extends framegate.v1.RuleStateRequest.$Properties {
        }

        /** Represents a RuleStateRequest. */
        class RuleStateRequest {

            /**
             * Constructs a new RuleStateRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleStateRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleStateRequest box. */
            box: string;

            /** Empty with `follow` or `stop`: no state is requested. */
            ruleId: string;

            /** Subscribes: RuleExecuted pushes of this box's rules are delivered on the channel of the reply. */
            follow: boolean;

            /** Ends that subscription. */
            stop: boolean;

            /** RuleStateRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified RuleStateRequest message. Does not implicitly {@link framegate.v1.RuleStateRequest.verify|verify} messages.
             * @param message RuleStateRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleStateRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleStateRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleStateRequest & framegate.v1.RuleStateRequest.$Shape} RuleStateRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleStateRequest & framegate.v1.RuleStateRequest.$Shape;
        }

        namespace RuleStateRequest {

            /** Properties of a RuleStateRequest. */
            interface $Properties {

                /** RuleStateRequest box */
                box?: string;

                /** Empty with `follow` or `stop`: no state is requested. */
                ruleId?: string;

                /** Subscribes: RuleExecuted pushes of this box's rules are delivered on the channel of the reply. */
                follow?: boolean;

                /** Ends that subscription. */
                stop?: boolean;

                /** RuleStateRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleStateRequest. */
            type $Shape = framegate.v1.RuleStateRequest.$Properties;
        }

        /**
         * Properties of a RuleExecution.
         * @deprecated Use framegate.v1.RuleExecution.$Properties instead.
         */
        interface IRuleExecution extends framegate.v1.RuleExecution.$Properties {
        }

        /** Represents a RuleExecution. */
        class RuleExecution {

            /**
             * Constructs a new RuleExecution.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleExecution.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleExecution ruleId. */
            ruleId: string;

            /** RuleExecution atMs. */
            atMs: number;

            /** RuleExecution succeeded. */
            succeeded: boolean;

            /** What the box says of it, as it says it. */
            detail: string;

            /**
             * Encodes the specified RuleExecution message. Does not implicitly {@link framegate.v1.RuleExecution.verify|verify} messages.
             * @param message RuleExecution message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleExecution.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleExecution message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleExecution & framegate.v1.RuleExecution.$Shape} RuleExecution
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleExecution & framegate.v1.RuleExecution.$Shape;
        }

        namespace RuleExecution {

            /** Properties of a RuleExecution. */
            interface $Properties {

                /** RuleExecution ruleId */
                ruleId?: string;

                /** RuleExecution atMs */
                atMs?: number;

                /** RuleExecution succeeded */
                succeeded?: boolean;

                /** What the box says of it, as it says it. */
                detail?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleExecution. */
            type $Shape = framegate.v1.RuleExecution.$Properties;
        }

        /**
         * Properties of a RuleStateResponse.
         * @deprecated Use framegate.v1.RuleStateResponse.$Properties instead.
         */
        interface IRuleStateResponse extends framegate.v1.RuleStateResponse.$Properties {
        }

        /** Represents a RuleStateResponse. */
        class RuleStateResponse {

            /**
             * Constructs a new RuleStateResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleStateResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleStateResponse state. */
            state: { [k: string]: string };

            /** RuleStateResponse executions. */
            executions: framegate.v1.RuleExecution[];

            /** With `follow`: the position of the channel. */
            channel: string;

            /** RuleStateResponse offset. */
            offset: number;

            /** RuleStateResponse epoch. */
            epoch: string;

            /** Of state and executions. Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified RuleStateResponse message. Does not implicitly {@link framegate.v1.RuleStateResponse.verify|verify} messages.
             * @param message RuleStateResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleStateResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleStateResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleStateResponse & framegate.v1.RuleStateResponse.$Shape} RuleStateResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleStateResponse & framegate.v1.RuleStateResponse.$Shape;
        }

        namespace RuleStateResponse {

            /** Properties of a RuleStateResponse. */
            interface $Properties {

                /** RuleStateResponse state */
                state?: { [k: string]: string };

                /** RuleStateResponse executions */
                executions?: framegate.v1.RuleExecution.$Properties[];

                /** With `follow`: the position of the channel. */
                channel?: string;

                /** RuleStateResponse offset */
                offset?: number;

                /** RuleStateResponse epoch */
                epoch?: string;

                /** Of state and executions. Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleStateResponse. */
            type $Shape = framegate.v1.RuleStateResponse.$Properties;
        }

        /**
         * Properties of a RuleExecuted.
         * @deprecated Use framegate.v1.RuleExecuted.$Properties instead.
         */
        interface IRuleExecuted extends framegate.v1.RuleExecuted.$Properties {
        }

        /** A rule ran. */
        class RuleExecuted {

            /**
             * Constructs a new RuleExecuted.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RuleExecuted.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RuleExecuted box. */
            box: string;

            /** RuleExecuted execution. */
            execution: framegate.v1.RuleExecution;

            /**
             * Encodes the specified RuleExecuted message. Does not implicitly {@link framegate.v1.RuleExecuted.verify|verify} messages.
             * @param message RuleExecuted message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RuleExecuted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RuleExecuted message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RuleExecuted & framegate.v1.RuleExecuted.$Shape} RuleExecuted
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RuleExecuted & framegate.v1.RuleExecuted.$Shape;
        }

        namespace RuleExecuted {

            /** Properties of a RuleExecuted. */
            interface $Properties {

                /** RuleExecuted box */
                box?: string;

                /** RuleExecuted execution */
                execution?: framegate.v1.RuleExecution.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RuleExecuted. */
            type $Shape = framegate.v1.RuleExecuted.$Properties;
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

            /** ... and the epoch of the channel to which the offset belongs. */
            epoch: string;

            /** W3C Trace Context, as the HTTP header of this name: the span that a request or a push comes from. Optional; with it, trace_id is not needed. */
            traceparent: string;

            /** The same. */
            tracestate: string;

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

                /** ... and the epoch of the channel to which the offset belongs. */
                epoch?: string;

                /** W3C Trace Context, as the HTTP header of this name: the span that a request or a push comes from. Optional; with it, trace_id is not needed. */
                traceparent?: string;

                /** The same. */
                tracestate?: string;

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

            /** Over HTTP only, where no envelope carries it. */
            code: framegate.v1.ErrorCode;

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

                /** Over HTTP only, where no envelope carries it. */
                code?: framegate.v1.ErrorCode;

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
            ERROR_CODE_UPSTREAM_FAILED = 18,

            /** HTTP only: the path does not take this method. */
            ERROR_CODE_METHOD_NOT_ALLOWED = 19,

            /** HTTP only: the path takes WebSocket upgrades, of the version that the reply names. */
            ERROR_CODE_UPGRADE_REQUIRED = 20,

            /** HTTP only: the head of the request is too large. */
            ERROR_CODE_HEADERS_TOO_LARGE = 21,

            /** HTTP only: content of a type or in a coding that is not taken. */
            ERROR_CODE_UNSUPPORTED_MEDIA_TYPE = 22
        }

        /** RoomStatus enum. */
        enum RoomStatus {

            /** ROOM_STATUS_UNSPECIFIED value */
            ROOM_STATUS_UNSPECIFIED = 0,

            /** Players gather. */
            ROOM_STATUS_WAITING = 1,

            /** ROOM_STATUS_PLAYING value */
            ROOM_STATUS_PLAYING = 2,

            /** ROOM_STATUS_FINISHED value */
            ROOM_STATUS_FINISHED = 3,

            /** Gone: everybody left, or it lay idle. */
            ROOM_STATUS_CLOSED = 4
        }

        /**
         * Properties of a RoomMember.
         * @deprecated Use framegate.v1.RoomMember.$Properties instead.
         */
        interface IRoomMember extends framegate.v1.RoomMember.$Properties {
        }

        /** Represents a RoomMember. */
        class RoomMember {

            /**
             * Constructs a new RoomMember.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RoomMember.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RoomMember userId. */
            userId: string;

            /** RoomMember username. */
            username: string;

            /** RoomMember isHost. */
            isHost: boolean;

            /** RoomMember isReady. */
            isReady: boolean;

            /** RoomMember isSpectator. */
            isSpectator: boolean;

            /** false: dropped, and its place is held for a while. */
            isConnected: boolean;

            /** RoomMember joinedAtMs. */
            joinedAtMs: number;

            /**
             * Encodes the specified RoomMember message. Does not implicitly {@link framegate.v1.RoomMember.verify|verify} messages.
             * @param message RoomMember message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RoomMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RoomMember message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RoomMember & framegate.v1.RoomMember.$Shape} RoomMember
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RoomMember & framegate.v1.RoomMember.$Shape;
        }

        namespace RoomMember {

            /** Properties of a RoomMember. */
            interface $Properties {

                /** RoomMember userId */
                userId?: string;

                /** RoomMember username */
                username?: string;

                /** RoomMember isHost */
                isHost?: boolean;

                /** RoomMember isReady */
                isReady?: boolean;

                /** RoomMember isSpectator */
                isSpectator?: boolean;

                /** false: dropped, and its place is held for a while. */
                isConnected?: boolean;

                /** RoomMember joinedAtMs */
                joinedAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RoomMember. */
            type $Shape = framegate.v1.RoomMember.$Properties;
        }

        /**
         * Properties of a Room.
         * @deprecated Use framegate.v1.Room.$Properties instead.
         */
        interface IRoom extends framegate.v1.Room.$Properties {
        }

        /** Represents a Room. */
        class Room {

            /**
             * Constructs a new Room.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.Room.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Room id. */
            id: string;

            /** Room name. */
            name: string;

            /** Which game module: "relay", "gomoku". */
            game: string;

            /** Room status. */
            status: framegate.v1.RoomStatus;

            /** Room capacity. */
            capacity: number;

            /** Room isPublic. */
            isPublic: boolean;

            /** Room hasPassword. */
            hasPassword: boolean;

            /** Room allowsSpectators. */
            allowsSpectators: boolean;

            /** Whatever the creator attached. */
            metadata: { [k: string]: string };

            /** Room members. */
            members: framegate.v1.RoomMember[];

            /** Room createdAtMs. */
            createdAtMs: number;

            /** Of the game that is on, or the last one. */
            gameId: string;

            /** Lists of rooms have these and leave `members` out. */
            playerCount: number;

            /** Room spectatorCount. */
            spectatorCount: number;

            /**
             * Encodes the specified Room message. Does not implicitly {@link framegate.v1.Room.verify|verify} messages.
             * @param message Room message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.Room.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Room message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.Room & framegate.v1.Room.$Shape} Room
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.Room & framegate.v1.Room.$Shape;
        }

        namespace Room {

            /** Properties of a Room. */
            interface $Properties {

                /** Room id */
                id?: string;

                /** Room name */
                name?: string;

                /** Which game module: "relay", "gomoku". */
                game?: string;

                /** Room status */
                status?: framegate.v1.RoomStatus;

                /** Room capacity */
                capacity?: number;

                /** Room isPublic */
                isPublic?: boolean;

                /** Room hasPassword */
                hasPassword?: boolean;

                /** Room allowsSpectators */
                allowsSpectators?: boolean;

                /** Whatever the creator attached. */
                metadata?: { [k: string]: string };

                /** Room members */
                members?: framegate.v1.RoomMember.$Properties[];

                /** Room createdAtMs */
                createdAtMs?: number;

                /** Of the game that is on, or the last one. */
                gameId?: string;

                /** Lists of rooms have these and leave `members` out. */
                playerCount?: number;

                /** Room spectatorCount */
                spectatorCount?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Room. */
            type $Shape = framegate.v1.Room.$Properties;
        }

        /**
         * Properties of a GetGameStateRequest.
         * @deprecated Use framegate.v1.GetGameStateRequest.$Properties instead.
         */
        interface IGetGameStateRequest extends framegate.v1.GetGameStateRequest.$Properties {
        }

        /** Represents a GetGameStateRequest. */
        class GetGameStateRequest {

            /**
             * Constructs a new GetGameStateRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetGameStateRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetGameStateRequest roomId. */
            roomId: string;

            /** Goes on with the members behind those of an earlier reply. */
            membersCursor: string;

            /**
             * Encodes the specified GetGameStateRequest message. Does not implicitly {@link framegate.v1.GetGameStateRequest.verify|verify} messages.
             * @param message GetGameStateRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetGameStateRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetGameStateRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetGameStateRequest & framegate.v1.GetGameStateRequest.$Shape} GetGameStateRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetGameStateRequest & framegate.v1.GetGameStateRequest.$Shape;
        }

        namespace GetGameStateRequest {

            /** Properties of a GetGameStateRequest. */
            interface $Properties {

                /** GetGameStateRequest roomId */
                roomId?: string;

                /** Goes on with the members behind those of an earlier reply. */
                membersCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetGameStateRequest. */
            type $Shape = framegate.v1.GetGameStateRequest.$Properties;
        }

        /**
         * Properties of a GetGameStateResponse.
         * @deprecated Use framegate.v1.GetGameStateResponse.$Properties instead.
         */
        interface IGetGameStateResponse extends framegate.v1.GetGameStateResponse.$Properties {
        }

        /** Represents a GetGameStateResponse. */
        class GetGameStateResponse {

            /**
             * Constructs a new GetGameStateResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetGameStateResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetGameStateResponse room. */
            room: framegate.v1.Room;

            /** In the game module's own encoding; empty before the start. */
            state: Uint8Array;

            /** Number of the last action that the state includes. */
            actionNumber: number;

            /** Number of the last event that room and state include: events up to it are to be skipped. */
            eventNumber: number;

            /**
             * Not empty: the room has more members than one reply may carry; `player_count` and `spectator_count` are of all. Members
             * are in the order in which they came.
             */
            nextMembersCursor: string;

            /** Of a game in real time that is on, in place of `state`: the whole state. */
            gameState: framegate.v1.GameState;

            /**
             * Encodes the specified GetGameStateResponse message. Does not implicitly {@link framegate.v1.GetGameStateResponse.verify|verify} messages.
             * @param message GetGameStateResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetGameStateResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetGameStateResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetGameStateResponse & framegate.v1.GetGameStateResponse.$Shape} GetGameStateResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetGameStateResponse & framegate.v1.GetGameStateResponse.$Shape;
        }

        namespace GetGameStateResponse {

            /** Properties of a GetGameStateResponse. */
            interface $Properties {

                /** GetGameStateResponse room */
                room?: framegate.v1.Room.$Properties;

                /** In the game module's own encoding; empty before the start. */
                state?: Uint8Array;

                /** Number of the last action that the state includes. */
                actionNumber?: number;

                /** Number of the last event that room and state include: events up to it are to be skipped. */
                eventNumber?: number;

                /**
                 * Not empty: the room has more members than one reply may carry; `player_count` and `spectator_count` are of all. Members
                 * are in the order in which they came.
                 */
                nextMembersCursor?: string;

                /** Of a game in real time that is on, in place of `state`: the whole state. */
                gameState?: framegate.v1.GameState.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetGameStateResponse. */
            type $Shape = framegate.v1.GetGameStateResponse.$Properties;
        }

        /**
         * Properties of a CreateRoomRequest.
         * @deprecated Use framegate.v1.CreateRoomRequest.$Properties instead.
         */
        interface ICreateRoomRequest extends framegate.v1.CreateRoomRequest.$Properties {
        }

        /** Represents a CreateRoomRequest. */
        class CreateRoomRequest {

            /**
             * Constructs a new CreateRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateRoomRequest name. */
            name: string;

            /** CreateRoomRequest game. */
            game: string;

            /** Players; 0: as many as the game allows. */
            capacity: number;

            /** CreateRoomRequest isPrivate. */
            isPrivate: boolean;

            /** CreateRoomRequest password. */
            password: string;

            /** CreateRoomRequest allowSpectators. */
            allowSpectators: boolean;

            /** CreateRoomRequest metadata. */
            metadata: { [k: string]: string };

            /**
             * Joins a public room of this game without a password that has a place left, and the same capacity and metadata; opens one
             * only if there is none.
             */
            joinOpen: boolean;

            /**
             * Encodes the specified CreateRoomRequest message. Does not implicitly {@link framegate.v1.CreateRoomRequest.verify|verify} messages.
             * @param message CreateRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateRoomRequest & framegate.v1.CreateRoomRequest.$Shape} CreateRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateRoomRequest & framegate.v1.CreateRoomRequest.$Shape;
        }

        namespace CreateRoomRequest {

            /** Properties of a CreateRoomRequest. */
            interface $Properties {

                /** CreateRoomRequest name */
                name?: string;

                /** CreateRoomRequest game */
                game?: string;

                /** Players; 0: as many as the game allows. */
                capacity?: number;

                /** CreateRoomRequest isPrivate */
                isPrivate?: boolean;

                /** CreateRoomRequest password */
                password?: string;

                /** CreateRoomRequest allowSpectators */
                allowSpectators?: boolean;

                /** CreateRoomRequest metadata */
                metadata?: { [k: string]: string };

                /**
                 * Joins a public room of this game without a password that has a place left, and the same capacity and metadata; opens one
                 * only if there is none.
                 */
                joinOpen?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateRoomRequest. */
            type $Shape = framegate.v1.CreateRoomRequest.$Properties;
        }

        /**
         * Properties of a CreateRoomResponse.
         * @deprecated Use framegate.v1.CreateRoomResponse.$Properties instead.
         */
        interface ICreateRoomResponse extends framegate.v1.CreateRoomResponse.$Properties {
        }

        /** Represents a CreateRoomResponse. */
        class CreateRoomResponse {

            /**
             * Constructs a new CreateRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateRoomResponse room. */
            room: framegate.v1.Room;

            /** The position of the room's channel: pushes after it are delivered. */
            channel: string;

            /** CreateRoomResponse offset. */
            offset: number;

            /** CreateRoomResponse epoch. */
            epoch: string;

            /** Number of the last event that the room includes: events up to it are to be skipped. */
            eventNumber: number;

            /** With `join_open`: the room was there. The fields below are those of JoinRoomResponse. */
            joined: boolean;

            /** CreateRoomResponse state. */
            state: Uint8Array;

            /** CreateRoomResponse actionNumber. */
            actionNumber: number;

            /** CreateRoomResponse nextMembersCursor. */
            nextMembersCursor: string;

            /** CreateRoomResponse gameState. */
            gameState: framegate.v1.GameState;

            /**
             * Encodes the specified CreateRoomResponse message. Does not implicitly {@link framegate.v1.CreateRoomResponse.verify|verify} messages.
             * @param message CreateRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateRoomResponse & framegate.v1.CreateRoomResponse.$Shape} CreateRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateRoomResponse & framegate.v1.CreateRoomResponse.$Shape;
        }

        namespace CreateRoomResponse {

            /** Properties of a CreateRoomResponse. */
            interface $Properties {

                /** CreateRoomResponse room */
                room?: framegate.v1.Room.$Properties;

                /** The position of the room's channel: pushes after it are delivered. */
                channel?: string;

                /** CreateRoomResponse offset */
                offset?: number;

                /** CreateRoomResponse epoch */
                epoch?: string;

                /** Number of the last event that the room includes: events up to it are to be skipped. */
                eventNumber?: number;

                /** With `join_open`: the room was there. The fields below are those of JoinRoomResponse. */
                joined?: boolean;

                /** CreateRoomResponse state */
                state?: Uint8Array;

                /** CreateRoomResponse actionNumber */
                actionNumber?: number;

                /** CreateRoomResponse nextMembersCursor */
                nextMembersCursor?: string;

                /** CreateRoomResponse gameState */
                gameState?: framegate.v1.GameState.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateRoomResponse. */
            type $Shape = framegate.v1.CreateRoomResponse.$Properties;
        }

        /**
         * Properties of a JoinRoomRequest.
         * @deprecated Use framegate.v1.JoinRoomRequest.$Properties instead.
         */
        interface IJoinRoomRequest extends framegate.v1.JoinRoomRequest.$Properties {
        }

        /** Represents a JoinRoomRequest. */
        class JoinRoomRequest {

            /**
             * Constructs a new JoinRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.JoinRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinRoomRequest roomId. */
            roomId: string;

            /** JoinRoomRequest password. */
            password: string;

            /** JoinRoomRequest asSpectator. */
            asSpectator: boolean;

            /**
             * Encodes the specified JoinRoomRequest message. Does not implicitly {@link framegate.v1.JoinRoomRequest.verify|verify} messages.
             * @param message JoinRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.JoinRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.JoinRoomRequest & framegate.v1.JoinRoomRequest.$Shape} JoinRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinRoomRequest & framegate.v1.JoinRoomRequest.$Shape;
        }

        namespace JoinRoomRequest {

            /** Properties of a JoinRoomRequest. */
            interface $Properties {

                /** JoinRoomRequest roomId */
                roomId?: string;

                /** JoinRoomRequest password */
                password?: string;

                /** JoinRoomRequest asSpectator */
                asSpectator?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinRoomRequest. */
            type $Shape = framegate.v1.JoinRoomRequest.$Properties;
        }

        /**
         * Properties of a JoinRoomResponse.
         * @deprecated Use framegate.v1.JoinRoomResponse.$Properties instead.
         */
        interface IJoinRoomResponse extends framegate.v1.JoinRoomResponse.$Properties {
        }

        /** Represents a JoinRoomResponse. */
        class JoinRoomResponse {

            /**
             * Constructs a new JoinRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.JoinRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinRoomResponse room. */
            room: framegate.v1.Room;

            /** JoinRoomResponse state. */
            state: Uint8Array;

            /** JoinRoomResponse actionNumber. */
            actionNumber: number;

            /** The position of the room's channel: pushes after it are delivered. */
            channel: string;

            /** JoinRoomResponse offset. */
            offset: number;

            /** JoinRoomResponse epoch. */
            epoch: string;

            /** Number of the last event that room and state include: events up to it are to be skipped. */
            eventNumber: number;

            /** Not empty: GetGameState has the other members. */
            nextMembersCursor: string;

            /** Of a game in real time that is on, in place of `state`: the whole state. */
            gameState: framegate.v1.GameState;

            /**
             * Encodes the specified JoinRoomResponse message. Does not implicitly {@link framegate.v1.JoinRoomResponse.verify|verify} messages.
             * @param message JoinRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.JoinRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.JoinRoomResponse & framegate.v1.JoinRoomResponse.$Shape} JoinRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinRoomResponse & framegate.v1.JoinRoomResponse.$Shape;
        }

        namespace JoinRoomResponse {

            /** Properties of a JoinRoomResponse. */
            interface $Properties {

                /** JoinRoomResponse room */
                room?: framegate.v1.Room.$Properties;

                /** JoinRoomResponse state */
                state?: Uint8Array;

                /** JoinRoomResponse actionNumber */
                actionNumber?: number;

                /** The position of the room's channel: pushes after it are delivered. */
                channel?: string;

                /** JoinRoomResponse offset */
                offset?: number;

                /** JoinRoomResponse epoch */
                epoch?: string;

                /** Number of the last event that room and state include: events up to it are to be skipped. */
                eventNumber?: number;

                /** Not empty: GetGameState has the other members. */
                nextMembersCursor?: string;

                /** Of a game in real time that is on, in place of `state`: the whole state. */
                gameState?: framegate.v1.GameState.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinRoomResponse. */
            type $Shape = framegate.v1.JoinRoomResponse.$Properties;
        }

        /**
         * Properties of a LeaveRoomRequest.
         * @deprecated Use framegate.v1.LeaveRoomRequest.$Properties instead.
         */
        interface ILeaveRoomRequest extends framegate.v1.LeaveRoomRequest.$Properties {
        }

        /** Represents a LeaveRoomRequest. */
        class LeaveRoomRequest {

            /**
             * Constructs a new LeaveRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LeaveRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LeaveRoomRequest roomId. */
            roomId: string;

            /**
             * Encodes the specified LeaveRoomRequest message. Does not implicitly {@link framegate.v1.LeaveRoomRequest.verify|verify} messages.
             * @param message LeaveRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LeaveRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaveRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LeaveRoomRequest & framegate.v1.LeaveRoomRequest.$Shape} LeaveRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LeaveRoomRequest & framegate.v1.LeaveRoomRequest.$Shape;
        }

        namespace LeaveRoomRequest {

            /** Properties of a LeaveRoomRequest. */
            interface $Properties {

                /** LeaveRoomRequest roomId */
                roomId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaveRoomRequest. */
            type $Shape = framegate.v1.LeaveRoomRequest.$Properties;
        }

        /**
         * Properties of a LeaveRoomResponse.
         * @deprecated Use framegate.v1.LeaveRoomResponse.$Properties instead.
         */
        interface ILeaveRoomResponse extends framegate.v1.LeaveRoomResponse.$Properties {
        }

        /** Represents a LeaveRoomResponse. */
        class LeaveRoomResponse {

            /**
             * Constructs a new LeaveRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LeaveRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified LeaveRoomResponse message. Does not implicitly {@link framegate.v1.LeaveRoomResponse.verify|verify} messages.
             * @param message LeaveRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LeaveRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaveRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LeaveRoomResponse & framegate.v1.LeaveRoomResponse.$Shape} LeaveRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LeaveRoomResponse & framegate.v1.LeaveRoomResponse.$Shape;
        }

        namespace LeaveRoomResponse {

            /** Properties of a LeaveRoomResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaveRoomResponse. */
            type $Shape = framegate.v1.LeaveRoomResponse.$Properties;
        }

        /**
         * Properties of a ListRoomsRequest.
         * @deprecated Use framegate.v1.ListRoomsRequest.$Properties instead.
         */
        interface IListRoomsRequest extends framegate.v1.ListRoomsRequest.$Properties {
        }

        /** Represents a ListRoomsRequest. */
        class ListRoomsRequest {

            /**
             * Constructs a new ListRoomsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListRoomsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: rooms of all games. */
            game: string;

            /** ListRoomsRequest onlyJoinable. */
            onlyJoinable: boolean;

            /** ListRoomsRequest limit. */
            limit: number;

            /** ListRoomsRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListRoomsRequest message. Does not implicitly {@link framegate.v1.ListRoomsRequest.verify|verify} messages.
             * @param message ListRoomsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListRoomsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListRoomsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListRoomsRequest & framegate.v1.ListRoomsRequest.$Shape} ListRoomsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListRoomsRequest & framegate.v1.ListRoomsRequest.$Shape;
        }

        namespace ListRoomsRequest {

            /** Properties of a ListRoomsRequest. */
            interface $Properties {

                /** Empty: rooms of all games. */
                game?: string;

                /** ListRoomsRequest onlyJoinable */
                onlyJoinable?: boolean;

                /** ListRoomsRequest limit */
                limit?: number;

                /** ListRoomsRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListRoomsRequest. */
            type $Shape = framegate.v1.ListRoomsRequest.$Properties;
        }

        /**
         * Properties of a ListRoomsResponse.
         * @deprecated Use framegate.v1.ListRoomsResponse.$Properties instead.
         */
        interface IListRoomsResponse extends framegate.v1.ListRoomsResponse.$Properties {
        }

        /** Represents a ListRoomsResponse. */
        class ListRoomsResponse {

            /**
             * Constructs a new ListRoomsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListRoomsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListRoomsResponse rooms. */
            rooms: framegate.v1.Room[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ListRoomsResponse message. Does not implicitly {@link framegate.v1.ListRoomsResponse.verify|verify} messages.
             * @param message ListRoomsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListRoomsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListRoomsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListRoomsResponse & framegate.v1.ListRoomsResponse.$Shape} ListRoomsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListRoomsResponse & framegate.v1.ListRoomsResponse.$Shape;
        }

        namespace ListRoomsResponse {

            /** Properties of a ListRoomsResponse. */
            interface $Properties {

                /** ListRoomsResponse rooms */
                rooms?: framegate.v1.Room.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListRoomsResponse. */
            type $Shape = framegate.v1.ListRoomsResponse.$Properties;
        }

        /** RoomAction enum. */
        enum RoomAction {

            /** ROOM_ACTION_UNSPECIFIED value */
            ROOM_ACTION_UNSPECIFIED = 0,

            /** An action of the game itself, in `payload`. */
            ROOM_ACTION_MOVE = 1,

            /** ROOM_ACTION_READY value */
            ROOM_ACTION_READY = 2,

            /** ROOM_ACTION_NOT_READY value */
            ROOM_ACTION_NOT_READY = 3,

            /** Host only. */
            ROOM_ACTION_START = 4,

            /** Host only; `target_user_id`, who cannot come back. Not a player of a game that is on. */
            ROOM_ACTION_KICK = 5,

            /** Host only; `target_user_id`. */
            ROOM_ACTION_MAKE_HOST = 6,

            /** Host only: a finished room takes players for another game. */
            ROOM_ACTION_REMATCH = 7,

            /** Host only: ends a game that has no end of its own, such as a relay. Nobody wins. */
            ROOM_ACTION_FINISH = 8
        }

        /**
         * Properties of a GameActionRequest.
         * @deprecated Use framegate.v1.GameActionRequest.$Properties instead.
         */
        interface IGameActionRequest extends framegate.v1.GameActionRequest.$Properties {
        }

        /** Represents a GameActionRequest. */
        class GameActionRequest {

            /**
             * Constructs a new GameActionRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GameActionRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GameActionRequest roomId. */
            roomId: string;

            /** GameActionRequest action. */
            action: framegate.v1.RoomAction;

            /** In the game module's own encoding. */
            payload: Uint8Array;

            /** GameActionRequest targetUserId. */
            targetUserId: string;

            /** Makes a repeat harmless: the first result is given again. */
            clientActionId: string;

            /**
             * Encodes the specified GameActionRequest message. Does not implicitly {@link framegate.v1.GameActionRequest.verify|verify} messages.
             * @param message GameActionRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GameActionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GameActionRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GameActionRequest & framegate.v1.GameActionRequest.$Shape} GameActionRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GameActionRequest & framegate.v1.GameActionRequest.$Shape;
        }

        namespace GameActionRequest {

            /** Properties of a GameActionRequest. */
            interface $Properties {

                /** GameActionRequest roomId */
                roomId?: string;

                /** GameActionRequest action */
                action?: framegate.v1.RoomAction;

                /** In the game module's own encoding. */
                payload?: Uint8Array;

                /** GameActionRequest targetUserId */
                targetUserId?: string;

                /** Makes a repeat harmless: the first result is given again. */
                clientActionId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GameActionRequest. */
            type $Shape = framegate.v1.GameActionRequest.$Properties;
        }

        /**
         * Properties of a GameActionResponse.
         * @deprecated Use framegate.v1.GameActionResponse.$Properties instead.
         */
        interface IGameActionResponse extends framegate.v1.GameActionResponse.$Properties {
        }

        /** Represents a GameActionResponse. */
        class GameActionResponse {

            /**
             * Constructs a new GameActionResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GameActionResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** A move's place in its game: 1, 2, 3, … Other actions have none: 0. */
            actionNumber: number;

            /** Number of the last event that the action caused. */
            eventNumber: number;

            /**
             * Encodes the specified GameActionResponse message. Does not implicitly {@link framegate.v1.GameActionResponse.verify|verify} messages.
             * @param message GameActionResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GameActionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GameActionResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GameActionResponse & framegate.v1.GameActionResponse.$Shape} GameActionResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GameActionResponse & framegate.v1.GameActionResponse.$Shape;
        }

        namespace GameActionResponse {

            /** Properties of a GameActionResponse. */
            interface $Properties {

                /** A move's place in its game: 1, 2, 3, … Other actions have none: 0. */
                actionNumber?: number;

                /** Number of the last event that the action caused. */
                eventNumber?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GameActionResponse. */
            type $Shape = framegate.v1.GameActionResponse.$Properties;
        }

        /**
         * Properties of a GetGameHistoryRequest.
         * @deprecated Use framegate.v1.GetGameHistoryRequest.$Properties instead.
         */
        interface IGetGameHistoryRequest extends framegate.v1.GetGameHistoryRequest.$Properties {
        }

        /** Represents a GetGameHistoryRequest. */
        class GetGameHistoryRequest {

            /**
             * Constructs a new GetGameHistoryRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetGameHistoryRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** One game with its actions; empty: a list. */
            gameId: string;

            /** Empty: oneself. */
            userId: string;

            /** GetGameHistoryRequest limit. */
            limit: number;

            /** GetGameHistoryRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified GetGameHistoryRequest message. Does not implicitly {@link framegate.v1.GetGameHistoryRequest.verify|verify} messages.
             * @param message GetGameHistoryRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetGameHistoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetGameHistoryRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetGameHistoryRequest & framegate.v1.GetGameHistoryRequest.$Shape} GetGameHistoryRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetGameHistoryRequest & framegate.v1.GetGameHistoryRequest.$Shape;
        }

        namespace GetGameHistoryRequest {

            /** Properties of a GetGameHistoryRequest. */
            interface $Properties {

                /** One game with its actions; empty: a list. */
                gameId?: string;

                /** Empty: oneself. */
                userId?: string;

                /** GetGameHistoryRequest limit */
                limit?: number;

                /** GetGameHistoryRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetGameHistoryRequest. */
            type $Shape = framegate.v1.GetGameHistoryRequest.$Properties;
        }

        /** GameResult enum. */
        enum GameResult {

            /** GAME_RESULT_UNSPECIFIED value */
            GAME_RESULT_UNSPECIFIED = 0,

            /** GAME_RESULT_WON value */
            GAME_RESULT_WON = 1,

            /** GAME_RESULT_LOST value */
            GAME_RESULT_LOST = 2,

            /** GAME_RESULT_DRAWN value */
            GAME_RESULT_DRAWN = 3,

            /** GAME_RESULT_ABANDONED value */
            GAME_RESULT_ABANDONED = 4
        }

        /**
         * Properties of a GamePlayer.
         * @deprecated Use framegate.v1.GamePlayer.$Properties instead.
         */
        interface IGamePlayer extends framegate.v1.GamePlayer.$Properties {
        }

        /** Represents a GamePlayer. */
        class GamePlayer {

            /**
             * Constructs a new GamePlayer.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GamePlayer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GamePlayer userId. */
            userId: string;

            /** GamePlayer username. */
            username: string;

            /** GamePlayer result. */
            result: framegate.v1.GameResult;

            /**
             * Encodes the specified GamePlayer message. Does not implicitly {@link framegate.v1.GamePlayer.verify|verify} messages.
             * @param message GamePlayer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GamePlayer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GamePlayer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GamePlayer & framegate.v1.GamePlayer.$Shape} GamePlayer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GamePlayer & framegate.v1.GamePlayer.$Shape;
        }

        namespace GamePlayer {

            /** Properties of a GamePlayer. */
            interface $Properties {

                /** GamePlayer userId */
                userId?: string;

                /** GamePlayer username */
                username?: string;

                /** GamePlayer result */
                result?: framegate.v1.GameResult;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GamePlayer. */
            type $Shape = framegate.v1.GamePlayer.$Properties;
        }

        /**
         * Properties of a RecordedAction.
         * @deprecated Use framegate.v1.RecordedAction.$Properties instead.
         */
        interface IRecordedAction extends framegate.v1.RecordedAction.$Properties {
        }

        /** Represents a RecordedAction. */
        class RecordedAction {

            /**
             * Constructs a new RecordedAction.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RecordedAction.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecordedAction actionNumber. */
            actionNumber: number;

            /** RecordedAction userId. */
            userId: string;

            /** RecordedAction payload. */
            payload: Uint8Array;

            /** RecordedAction atMs. */
            atMs: number;

            /**
             * Encodes the specified RecordedAction message. Does not implicitly {@link framegate.v1.RecordedAction.verify|verify} messages.
             * @param message RecordedAction message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RecordedAction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecordedAction message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RecordedAction & framegate.v1.RecordedAction.$Shape} RecordedAction
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RecordedAction & framegate.v1.RecordedAction.$Shape;
        }

        namespace RecordedAction {

            /** Properties of a RecordedAction. */
            interface $Properties {

                /** RecordedAction actionNumber */
                actionNumber?: number;

                /** RecordedAction userId */
                userId?: string;

                /** RecordedAction payload */
                payload?: Uint8Array;

                /** RecordedAction atMs */
                atMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecordedAction. */
            type $Shape = framegate.v1.RecordedAction.$Properties;
        }

        /**
         * Properties of a GameRecord.
         * @deprecated Use framegate.v1.GameRecord.$Properties instead.
         */
        interface IGameRecord extends framegate.v1.GameRecord.$Properties {
        }

        /** Represents a GameRecord. */
        class GameRecord {

            /**
             * Constructs a new GameRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GameRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GameRecord gameId. */
            gameId: string;

            /** GameRecord roomId. */
            roomId: string;

            /** GameRecord game. */
            game: string;

            /** GameRecord startedAtMs. */
            startedAtMs: number;

            /** GameRecord finishedAtMs. */
            finishedAtMs: number;

            /** GameRecord players. */
            players: framegate.v1.GamePlayer[];

            /** Only for one game, paged by the cursor. */
            actions: framegate.v1.RecordedAction[];

            /** The game was longer than what is recorded of one. */
            isTruncated: boolean;

            /** GameRecord isPublic. */
            isPublic: boolean;

            /**
             * Encodes the specified GameRecord message. Does not implicitly {@link framegate.v1.GameRecord.verify|verify} messages.
             * @param message GameRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GameRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GameRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GameRecord & framegate.v1.GameRecord.$Shape} GameRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GameRecord & framegate.v1.GameRecord.$Shape;
        }

        namespace GameRecord {

            /** Properties of a GameRecord. */
            interface $Properties {

                /** GameRecord gameId */
                gameId?: string;

                /** GameRecord roomId */
                roomId?: string;

                /** GameRecord game */
                game?: string;

                /** GameRecord startedAtMs */
                startedAtMs?: number;

                /** GameRecord finishedAtMs */
                finishedAtMs?: number;

                /** GameRecord players */
                players?: framegate.v1.GamePlayer.$Properties[];

                /** Only for one game, paged by the cursor. */
                actions?: framegate.v1.RecordedAction.$Properties[];

                /** The game was longer than what is recorded of one. */
                isTruncated?: boolean;

                /** GameRecord isPublic */
                isPublic?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GameRecord. */
            type $Shape = framegate.v1.GameRecord.$Properties;
        }

        /**
         * Properties of a GetGameHistoryResponse.
         * @deprecated Use framegate.v1.GetGameHistoryResponse.$Properties instead.
         */
        interface IGetGameHistoryResponse extends framegate.v1.GetGameHistoryResponse.$Properties {
        }

        /** Represents a GetGameHistoryResponse. */
        class GetGameHistoryResponse {

            /**
             * Constructs a new GetGameHistoryResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetGameHistoryResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetGameHistoryResponse games. */
            games: framegate.v1.GameRecord[];

            /** GetGameHistoryResponse nextCursor. */
            nextCursor: string;

            /**
             * Encodes the specified GetGameHistoryResponse message. Does not implicitly {@link framegate.v1.GetGameHistoryResponse.verify|verify} messages.
             * @param message GetGameHistoryResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetGameHistoryResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetGameHistoryResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetGameHistoryResponse & framegate.v1.GetGameHistoryResponse.$Shape} GetGameHistoryResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetGameHistoryResponse & framegate.v1.GetGameHistoryResponse.$Shape;
        }

        namespace GetGameHistoryResponse {

            /** Properties of a GetGameHistoryResponse. */
            interface $Properties {

                /** GetGameHistoryResponse games */
                games?: framegate.v1.GameRecord.$Properties[];

                /** GetGameHistoryResponse nextCursor */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetGameHistoryResponse. */
            type $Shape = framegate.v1.GetGameHistoryResponse.$Properties;
        }

        /**
         * Properties of a GetPlayerStatsRequest.
         * @deprecated Use framegate.v1.GetPlayerStatsRequest.$Properties instead.
         */
        interface IGetPlayerStatsRequest extends framegate.v1.GetPlayerStatsRequest.$Properties {
        }

        /** Represents a GetPlayerStatsRequest. */
        class GetPlayerStatsRequest {

            /**
             * Constructs a new GetPlayerStatsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetPlayerStatsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: oneself. */
            userId: string;

            /** Empty: all games together. */
            game: string;

            /**
             * Encodes the specified GetPlayerStatsRequest message. Does not implicitly {@link framegate.v1.GetPlayerStatsRequest.verify|verify} messages.
             * @param message GetPlayerStatsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetPlayerStatsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetPlayerStatsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetPlayerStatsRequest & framegate.v1.GetPlayerStatsRequest.$Shape} GetPlayerStatsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetPlayerStatsRequest & framegate.v1.GetPlayerStatsRequest.$Shape;
        }

        namespace GetPlayerStatsRequest {

            /** Properties of a GetPlayerStatsRequest. */
            interface $Properties {

                /** Empty: oneself. */
                userId?: string;

                /** Empty: all games together. */
                game?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetPlayerStatsRequest. */
            type $Shape = framegate.v1.GetPlayerStatsRequest.$Properties;
        }

        /**
         * Properties of a GetPlayerStatsResponse.
         * @deprecated Use framegate.v1.GetPlayerStatsResponse.$Properties instead.
         */
        interface IGetPlayerStatsResponse extends framegate.v1.GetPlayerStatsResponse.$Properties {
        }

        /** Represents a GetPlayerStatsResponse. */
        class GetPlayerStatsResponse {

            /**
             * Constructs a new GetPlayerStatsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetPlayerStatsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetPlayerStatsResponse played. */
            played: number;

            /** GetPlayerStatsResponse won. */
            won: number;

            /** GetPlayerStatsResponse lost. */
            lost: number;

            /** GetPlayerStatsResponse drawn. */
            drawn: number;

            /** GetPlayerStatsResponse abandoned. */
            abandoned: number;

            /**
             * Encodes the specified GetPlayerStatsResponse message. Does not implicitly {@link framegate.v1.GetPlayerStatsResponse.verify|verify} messages.
             * @param message GetPlayerStatsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetPlayerStatsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetPlayerStatsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetPlayerStatsResponse & framegate.v1.GetPlayerStatsResponse.$Shape} GetPlayerStatsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetPlayerStatsResponse & framegate.v1.GetPlayerStatsResponse.$Shape;
        }

        namespace GetPlayerStatsResponse {

            /** Properties of a GetPlayerStatsResponse. */
            interface $Properties {

                /** GetPlayerStatsResponse played */
                played?: number;

                /** GetPlayerStatsResponse won */
                won?: number;

                /** GetPlayerStatsResponse lost */
                lost?: number;

                /** GetPlayerStatsResponse drawn */
                drawn?: number;

                /** GetPlayerStatsResponse abandoned */
                abandoned?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetPlayerStatsResponse. */
            type $Shape = framegate.v1.GetPlayerStatsResponse.$Properties;
        }

        /**
         * Properties of a RoomEvent.
         * @deprecated Use framegate.v1.RoomEvent.$Properties instead.
         */
        interface IRoomEvent extends framegate.v1.RoomEvent.$Properties {
        }

        /** Something changed about a room or its members. */
        class RoomEvent {

            /**
             * Constructs a new RoomEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RoomEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RoomEvent roomId. */
            roomId: string;

            /** RoomEvent kind. */
            kind: framegate.v1.RoomEvent.Kind;

            /** Whom it is about. */
            member: framegate.v1.RoomMember;

            /** RoomEvent status. */
            status: framegate.v1.RoomStatus;

            /** RoomEvent gameId. */
            gameId: string;

            /** With KIND_FINISHED. */
            results: framegate.v1.GamePlayer[];

            /**
             * The room's events, 2501 and 2502 together, count 1, 2, 3, … One that comes twice, which a failure of the server
             * can cause, has the number that it had.
             */
            eventNumber: number;

            /** With KIND_FINISHED: why a game was ended that did not end by its own rules. */
            reason: string;

            /**
             * Encodes the specified RoomEvent message. Does not implicitly {@link framegate.v1.RoomEvent.verify|verify} messages.
             * @param message RoomEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RoomEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RoomEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RoomEvent & framegate.v1.RoomEvent.$Shape} RoomEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RoomEvent & framegate.v1.RoomEvent.$Shape;
        }

        namespace RoomEvent {

            /** Properties of a RoomEvent. */
            interface $Properties {

                /** RoomEvent roomId */
                roomId?: string;

                /** RoomEvent kind */
                kind?: framegate.v1.RoomEvent.Kind;

                /** Whom it is about. */
                member?: framegate.v1.RoomMember.$Properties;

                /** RoomEvent status */
                status?: framegate.v1.RoomStatus;

                /** RoomEvent gameId */
                gameId?: string;

                /** With KIND_FINISHED. */
                results?: framegate.v1.GamePlayer.$Properties[];

                /**
                 * The room's events, 2501 and 2502 together, count 1, 2, 3, … One that comes twice, which a failure of the server
                 * can cause, has the number that it had.
                 */
                eventNumber?: number;

                /** With KIND_FINISHED: why a game was ended that did not end by its own rules. */
                reason?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RoomEvent. */
            type $Shape = framegate.v1.RoomEvent.$Properties;

            /** Kind enum. */
            enum Kind {

                /** KIND_UNSPECIFIED value */
                KIND_UNSPECIFIED = 0,

                /** KIND_JOINED value */
                KIND_JOINED = 1,

                /** KIND_LEFT value */
                KIND_LEFT = 2,

                /** KIND_READY value */
                KIND_READY = 3,

                /** KIND_NOT_READY value */
                KIND_NOT_READY = 4,

                /** KIND_STARTED value */
                KIND_STARTED = 5,

                /** KIND_FINISHED value */
                KIND_FINISHED = 6,

                /** KIND_HOST_CHANGED value */
                KIND_HOST_CHANGED = 7,

                /** KIND_KICKED value */
                KIND_KICKED = 8,

                /** KIND_DISCONNECTED value */
                KIND_DISCONNECTED = 9,

                /** KIND_RECONNECTED value */
                KIND_RECONNECTED = 10,

                /** KIND_CLOSED value */
                KIND_CLOSED = 11,

                /** KIND_REOPENED value */
                KIND_REOPENED = 12,

                /** The node of the room is gone, and the game goes on from its last snapshot on another one: what happened since then is lost. */
                KIND_RESUMED = 13
            }
        }

        /**
         * Properties of a GameEvent.
         * @deprecated Use framegate.v1.GameEvent.$Properties instead.
         */
        interface IGameEvent extends framegate.v1.GameEvent.$Properties {
        }

        /** An action took place in the game. */
        class GameEvent {

            /**
             * Constructs a new GameEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GameEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GameEvent roomId. */
            roomId: string;

            /** GameEvent gameId. */
            gameId: string;

            /** GameEvent actionNumber. */
            actionNumber: number;

            /** GameEvent userId. */
            userId: string;

            /** What the module makes public of it, in its own encoding. */
            payload: Uint8Array;

            /** GameEvent atMs. */
            atMs: number;

            /** See RoomEvent. */
            eventNumber: number;

            /**
             * Encodes the specified GameEvent message. Does not implicitly {@link framegate.v1.GameEvent.verify|verify} messages.
             * @param message GameEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GameEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GameEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GameEvent & framegate.v1.GameEvent.$Shape} GameEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GameEvent & framegate.v1.GameEvent.$Shape;
        }

        namespace GameEvent {

            /** Properties of a GameEvent. */
            interface $Properties {

                /** GameEvent roomId */
                roomId?: string;

                /** GameEvent gameId */
                gameId?: string;

                /** GameEvent actionNumber */
                actionNumber?: number;

                /** GameEvent userId */
                userId?: string;

                /** What the module makes public of it, in its own encoding. */
                payload?: Uint8Array;

                /** GameEvent atMs */
                atMs?: number;

                /** See RoomEvent. */
                eventNumber?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GameEvent. */
            type $Shape = framegate.v1.GameEvent.$Properties;
        }

        /**
         * Properties of a GameState.
         * @deprecated Use framegate.v1.GameState.$Properties instead.
         */
        interface IGameState extends framegate.v1.GameState.$Properties {
        }

        /**
         * What a player sees of a game in real time: all of it, or what has changed. Only the newest state counts: a client that reads slowly
         * misses some of these, and asks for the state (GetGameState).
         */
        class GameState {

            /**
             * Constructs a new GameState.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GameState.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GameState roomId. */
            roomId: string;

            /** Names the game and the node that runs it. A state of another epoch says nothing about this one. */
            epoch: number;

            /** The tick after which the state was this. */
            version: number;

            /** 0: `state` is whole. Otherwise it is the difference to this version; who has another one asks for the state. */
            baseVersion: number;

            /** In the codec of states: docs/reference/game-states.md. */
            state: Uint8Array;

            /** Of a whole state: what it consists of, as JSON. */
            schema: string;

            /**
             * Encodes the specified GameState message. Does not implicitly {@link framegate.v1.GameState.verify|verify} messages.
             * @param message GameState message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GameState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GameState message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GameState & framegate.v1.GameState.$Shape} GameState
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GameState & framegate.v1.GameState.$Shape;
        }

        namespace GameState {

            /** Properties of a GameState. */
            interface $Properties {

                /** GameState roomId */
                roomId?: string;

                /** Names the game and the node that runs it. A state of another epoch says nothing about this one. */
                epoch?: number;

                /** The tick after which the state was this. */
                version?: number;

                /** 0: `state` is whole. Otherwise it is the difference to this version; who has another one asks for the state. */
                baseVersion?: number;

                /** In the codec of states: docs/reference/game-states.md. */
                state?: Uint8Array;

                /** Of a whole state: what it consists of, as JSON. */
                schema?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GameState. */
            type $Shape = framegate.v1.GameState.$Properties;
        }

        /**
         * Properties of a GomokuMove.
         * @deprecated Use framegate.v1.GomokuMove.$Properties instead.
         */
        interface IGomokuMove extends framegate.v1.GomokuMove.$Properties {
        }

        /** A move of the gomoku module. */
        class GomokuMove {

            /**
             * Constructs a new GomokuMove.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GomokuMove.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** From 0 to 14. Both are written when they are 0, too: an empty move is refused. */
            row: (number|null);

            /** GomokuMove column. */
            column: (number|null);

            /**
             * Encodes the specified GomokuMove message. Does not implicitly {@link framegate.v1.GomokuMove.verify|verify} messages.
             * @param message GomokuMove message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GomokuMove.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GomokuMove message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GomokuMove & framegate.v1.GomokuMove.$Shape} GomokuMove
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GomokuMove & framegate.v1.GomokuMove.$Shape;
        }

        namespace GomokuMove {

            /** Properties of a GomokuMove. */
            interface $Properties {

                /** From 0 to 14. Both are written when they are 0, too: an empty move is refused. */
                row?: (number|null);

                /** GomokuMove column */
                column?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GomokuMove. */
            type $Shape = framegate.v1.GomokuMove.$Properties;
        }

        /**
         * Properties of a GomokuState.
         * @deprecated Use framegate.v1.GomokuState.$Properties instead.
         */
        interface IGomokuState extends framegate.v1.GomokuState.$Properties {
        }

        /** What everybody sees of a gomoku game. */
        class GomokuState {

            /**
             * Constructs a new GomokuState.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GomokuState.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** 15 × 15 cells by rows: 0 empty, 1 black, 2 white. */
            board: Uint8Array;

            /** Black moves first. */
            blackUserId: string;

            /** GomokuState whiteUserId. */
            whiteUserId: string;

            /** Whose turn it is; empty when the game is over. */
            turnUserId: string;

            /** Empty: none yet, or a draw. */
            winnerUserId: string;

            /** GomokuState isOver. */
            isOver: boolean;

            /** GomokuState moves. */
            moves: number;

            /**
             * Encodes the specified GomokuState message. Does not implicitly {@link framegate.v1.GomokuState.verify|verify} messages.
             * @param message GomokuState message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GomokuState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GomokuState message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GomokuState & framegate.v1.GomokuState.$Shape} GomokuState
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GomokuState & framegate.v1.GomokuState.$Shape;
        }

        namespace GomokuState {

            /** Properties of a GomokuState. */
            interface $Properties {

                /** 15 × 15 cells by rows: 0 empty, 1 black, 2 white. */
                board?: Uint8Array;

                /** Black moves first. */
                blackUserId?: string;

                /** GomokuState whiteUserId */
                whiteUserId?: string;

                /** Whose turn it is; empty when the game is over. */
                turnUserId?: string;

                /** Empty: none yet, or a draw. */
                winnerUserId?: string;

                /** GomokuState isOver */
                isOver?: boolean;

                /** GomokuState moves */
                moves?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GomokuState. */
            type $Shape = framegate.v1.GomokuState.$Properties;
        }

        /**
         * Properties of a LoginGuestRequest.
         * @deprecated Use framegate.v1.LoginGuestRequest.$Properties instead.
         */
        interface ILoginGuestRequest extends framegate.v1.LoginGuestRequest.$Properties {
        }

        /** Represents a LoginGuestRequest. */
        class LoginGuestRequest {

            /**
             * Constructs a new LoginGuestRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LoginGuestRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Random, made once by the device and kept there: 32 characters of base64url hold 192 bits. It is all that the guest is known by. */
            deviceSecret: string;

            /** As in LoginRequest. */
            deviceId: string;

            /** As in LoginRequest. */
            deviceName: string;

            /** Shown to others; only counts when the guest is created. */
            nickname: string;

            /**
             * Encodes the specified LoginGuestRequest message. Does not implicitly {@link framegate.v1.LoginGuestRequest.verify|verify} messages.
             * @param message LoginGuestRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LoginGuestRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LoginGuestRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LoginGuestRequest & framegate.v1.LoginGuestRequest.$Shape} LoginGuestRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LoginGuestRequest & framegate.v1.LoginGuestRequest.$Shape;
        }

        namespace LoginGuestRequest {

            /** Properties of a LoginGuestRequest. */
            interface $Properties {

                /** Random, made once by the device and kept there: 32 characters of base64url hold 192 bits. It is all that the guest is known by. */
                deviceSecret?: string;

                /** As in LoginRequest. */
                deviceId?: string;

                /** As in LoginRequest. */
                deviceName?: string;

                /** Shown to others; only counts when the guest is created. */
                nickname?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LoginGuestRequest. */
            type $Shape = framegate.v1.LoginGuestRequest.$Properties;
        }

        /**
         * Properties of a LoginGuestResponse.
         * @deprecated Use framegate.v1.LoginGuestResponse.$Properties instead.
         */
        interface ILoginGuestResponse extends framegate.v1.LoginGuestResponse.$Properties {
        }

        /** Represents a LoginGuestResponse. */
        class LoginGuestResponse {

            /**
             * Constructs a new LoginGuestResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.LoginGuestResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LoginGuestResponse tokens. */
            tokens: framegate.v1.TokenPair;

            /** LoginGuestResponse session. */
            session: framegate.v1.SessionInfo;

            /** LoginGuestResponse user. */
            user: framegate.v1.User;

            /** Channels that the connection is subscribed to from here on: the user's inbox and events. */
            positions: framegate.v1.ChannelPosition[];

            /** This call has created the guest. */
            created: boolean;

            /**
             * Encodes the specified LoginGuestResponse message. Does not implicitly {@link framegate.v1.LoginGuestResponse.verify|verify} messages.
             * @param message LoginGuestResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.LoginGuestResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LoginGuestResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.LoginGuestResponse & framegate.v1.LoginGuestResponse.$Shape} LoginGuestResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.LoginGuestResponse & framegate.v1.LoginGuestResponse.$Shape;
        }

        namespace LoginGuestResponse {

            /** Properties of a LoginGuestResponse. */
            interface $Properties {

                /** LoginGuestResponse tokens */
                tokens?: framegate.v1.TokenPair.$Properties;

                /** LoginGuestResponse session */
                session?: framegate.v1.SessionInfo.$Properties;

                /** LoginGuestResponse user */
                user?: framegate.v1.User.$Properties;

                /** Channels that the connection is subscribed to from here on: the user's inbox and events. */
                positions?: framegate.v1.ChannelPosition.$Properties[];

                /** This call has created the guest. */
                created?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LoginGuestResponse. */
            type $Shape = framegate.v1.LoginGuestResponse.$Properties;
        }

        /**
         * Properties of a JoinAccountRequest.
         * @deprecated Use framegate.v1.JoinAccountRequest.$Properties instead.
         */
        interface IJoinAccountRequest extends framegate.v1.JoinAccountRequest.$Properties {
        }

        /** Represents a JoinAccountRequest. */
        class JoinAccountRequest {

            /**
             * Constructs a new JoinAccountRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.JoinAccountRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinAccountRequest newAccount. */
            newAccount: (framegate.v1.JoinAccountRequest.NewAccount|null);

            /** A token of an issuer of the configuration, whose account has no user here yet: ALREADY_EXISTS if it has. */
            token: (string|null);

            /** JoinAccountRequest account. */
            account?: ("newAccount"|"token");

            /**
             * Encodes the specified JoinAccountRequest message. Does not implicitly {@link framegate.v1.JoinAccountRequest.verify|verify} messages.
             * @param message JoinAccountRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.JoinAccountRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinAccountRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.JoinAccountRequest & framegate.v1.JoinAccountRequest.$Shape} JoinAccountRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinAccountRequest & framegate.v1.JoinAccountRequest.$Shape;
        }

        namespace JoinAccountRequest {

            /** Properties of a JoinAccountRequest. */
            interface $Properties {

                /** JoinAccountRequest newAccount */
                newAccount?: (framegate.v1.JoinAccountRequest.NewAccount.$Properties|null);

                /** A token of an issuer of the configuration, whose account has no user here yet: ALREADY_EXISTS if it has. */
                token?: (string|null);

                /** JoinAccountRequest account */
                account?: ("newAccount"|"token");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a JoinAccountRequest. */
            type $Shape = {
              newAccount?: framegate.v1.JoinAccountRequest.NewAccount.$Shape|null;
              token?: string|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ account?: undefined; newAccount?: null; token?: null }|{ account?: "newAccount"; newAccount: framegate.v1.JoinAccountRequest.NewAccount.$Shape; token?: null }|{ account?: "token"; newAccount?: null; token: string })
            );

            /**
             * Properties of a NewAccount.
             * @deprecated Use framegate.v1.JoinAccountRequest.NewAccount.$Properties instead.
             */
            interface INewAccount extends framegate.v1.JoinAccountRequest.NewAccount.$Properties {
            }

            /** An account of this gateway that is there from now on. The rules are those of RegisterRequest. */
            class NewAccount {

                /**
                 * Constructs a new NewAccount.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: framegate.v1.JoinAccountRequest.NewAccount.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** NewAccount username. */
                username: string;

                /** NewAccount password. */
                password: string;

                /** NewAccount email. */
                email: string;

                /** Empty: the guest's. */
                nickname: string;

                /**
                 * Encodes the specified NewAccount message. Does not implicitly {@link framegate.v1.JoinAccountRequest.NewAccount.verify|verify} messages.
                 * @param message NewAccount message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: framegate.v1.JoinAccountRequest.NewAccount.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a NewAccount message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {framegate.v1.JoinAccountRequest.NewAccount & framegate.v1.JoinAccountRequest.NewAccount.$Shape} NewAccount
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinAccountRequest.NewAccount & framegate.v1.JoinAccountRequest.NewAccount.$Shape;
            }

            namespace NewAccount {

                /** Properties of a NewAccount. */
                interface $Properties {

                    /** NewAccount username */
                    username?: string;

                    /** NewAccount password */
                    password?: string;

                    /** NewAccount email */
                    email?: string;

                    /** Empty: the guest's. */
                    nickname?: string;

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a NewAccount. */
                type $Shape = framegate.v1.JoinAccountRequest.NewAccount.$Properties;
            }
        }

        /**
         * Properties of a JoinAccountResponse.
         * @deprecated Use framegate.v1.JoinAccountResponse.$Properties instead.
         */
        interface IJoinAccountResponse extends framegate.v1.JoinAccountResponse.$Properties {
        }

        /** Represents a JoinAccountResponse. */
        class JoinAccountResponse {

            /**
             * Constructs a new JoinAccountResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.JoinAccountResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Of the same session, with the roles of the account. Those from before are refreshed no more. */
            tokens: framegate.v1.TokenPair;

            /** JoinAccountResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified JoinAccountResponse message. Does not implicitly {@link framegate.v1.JoinAccountResponse.verify|verify} messages.
             * @param message JoinAccountResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.JoinAccountResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinAccountResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.JoinAccountResponse & framegate.v1.JoinAccountResponse.$Shape} JoinAccountResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.JoinAccountResponse & framegate.v1.JoinAccountResponse.$Shape;
        }

        namespace JoinAccountResponse {

            /** Properties of a JoinAccountResponse. */
            interface $Properties {

                /** Of the same session, with the roles of the account. Those from before are refreshed no more. */
                tokens?: framegate.v1.TokenPair.$Properties;

                /** JoinAccountResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinAccountResponse. */
            type $Shape = framegate.v1.JoinAccountResponse.$Properties;
        }

        /**
         * Properties of a RevokeIssuerSessionsRequest.
         * @deprecated Use framegate.v1.RevokeIssuerSessionsRequest.$Properties instead.
         */
        interface IRevokeIssuerSessionsRequest extends framegate.v1.RevokeIssuerSessionsRequest.$Properties {
        }

        /** By subject, by session or by token. What the issuer issues afterwards is good again: to keep a user out, disable the user. */
        class RevokeIssuerSessionsRequest {

            /**
             * Constructs a new RevokeIssuerSessionsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RevokeIssuerSessionsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The `iss` of its tokens, or its name in the configuration. */
            issuer: string;

            /** All sessions of this subject; with a jti, whose token it is. */
            subject: string;

            /** The id of a session of the issuer, as its tokens name it. */
            sid: string;

            /** The id of a token. */
            jti: string;

            /**
             * Encodes the specified RevokeIssuerSessionsRequest message. Does not implicitly {@link framegate.v1.RevokeIssuerSessionsRequest.verify|verify} messages.
             * @param message RevokeIssuerSessionsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RevokeIssuerSessionsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RevokeIssuerSessionsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RevokeIssuerSessionsRequest & framegate.v1.RevokeIssuerSessionsRequest.$Shape} RevokeIssuerSessionsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RevokeIssuerSessionsRequest & framegate.v1.RevokeIssuerSessionsRequest.$Shape;
        }

        namespace RevokeIssuerSessionsRequest {

            /** Properties of a RevokeIssuerSessionsRequest. */
            interface $Properties {

                /** The `iss` of its tokens, or its name in the configuration. */
                issuer?: string;

                /** All sessions of this subject; with a jti, whose token it is. */
                subject?: string;

                /** The id of a session of the issuer, as its tokens name it. */
                sid?: string;

                /** The id of a token. */
                jti?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RevokeIssuerSessionsRequest. */
            type $Shape = framegate.v1.RevokeIssuerSessionsRequest.$Properties;
        }

        /**
         * Properties of a RevokeIssuerSessionsResponse.
         * @deprecated Use framegate.v1.RevokeIssuerSessionsResponse.$Properties instead.
         */
        interface IRevokeIssuerSessionsResponse extends framegate.v1.RevokeIssuerSessionsResponse.$Properties {
        }

        /** Represents a RevokeIssuerSessionsResponse. */
        class RevokeIssuerSessionsResponse {

            /**
             * Constructs a new RevokeIssuerSessionsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RevokeIssuerSessionsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** How many sessions ended. */
            sessionsEnded: number;

            /**
             * Encodes the specified RevokeIssuerSessionsResponse message. Does not implicitly {@link framegate.v1.RevokeIssuerSessionsResponse.verify|verify} messages.
             * @param message RevokeIssuerSessionsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RevokeIssuerSessionsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RevokeIssuerSessionsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RevokeIssuerSessionsResponse & framegate.v1.RevokeIssuerSessionsResponse.$Shape} RevokeIssuerSessionsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RevokeIssuerSessionsResponse & framegate.v1.RevokeIssuerSessionsResponse.$Shape;
        }

        namespace RevokeIssuerSessionsResponse {

            /** Properties of a RevokeIssuerSessionsResponse. */
            interface $Properties {

                /** How many sessions ended. */
                sessionsEnded?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RevokeIssuerSessionsResponse. */
            type $Shape = framegate.v1.RevokeIssuerSessionsResponse.$Properties;
        }

        /**
         * Properties of a ListIdentitiesRequest.
         * @deprecated Use framegate.v1.ListIdentitiesRequest.$Properties instead.
         */
        interface IListIdentitiesRequest extends framegate.v1.ListIdentitiesRequest.$Properties {
        }

        /** Represents a ListIdentitiesRequest. */
        class ListIdentitiesRequest {

            /**
             * Constructs a new ListIdentitiesRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListIdentitiesRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: the user of this session. */
            userId: string;

            /**
             * Encodes the specified ListIdentitiesRequest message. Does not implicitly {@link framegate.v1.ListIdentitiesRequest.verify|verify} messages.
             * @param message ListIdentitiesRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListIdentitiesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListIdentitiesRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListIdentitiesRequest & framegate.v1.ListIdentitiesRequest.$Shape} ListIdentitiesRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListIdentitiesRequest & framegate.v1.ListIdentitiesRequest.$Shape;
        }

        namespace ListIdentitiesRequest {

            /** Properties of a ListIdentitiesRequest. */
            interface $Properties {

                /** Empty: the user of this session. */
                userId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListIdentitiesRequest. */
            type $Shape = framegate.v1.ListIdentitiesRequest.$Properties;
        }

        /**
         * Properties of a ListIdentitiesResponse.
         * @deprecated Use framegate.v1.ListIdentitiesResponse.$Properties instead.
         */
        interface IListIdentitiesResponse extends framegate.v1.ListIdentitiesResponse.$Properties {
        }

        /** Represents a ListIdentitiesResponse. */
        class ListIdentitiesResponse {

            /**
             * Constructs a new ListIdentitiesResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListIdentitiesResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** At most 10, oldest first. */
            identities: framegate.v1.UserIdentity[];

            /**
             * Encodes the specified ListIdentitiesResponse message. Does not implicitly {@link framegate.v1.ListIdentitiesResponse.verify|verify} messages.
             * @param message ListIdentitiesResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListIdentitiesResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListIdentitiesResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListIdentitiesResponse & framegate.v1.ListIdentitiesResponse.$Shape} ListIdentitiesResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListIdentitiesResponse & framegate.v1.ListIdentitiesResponse.$Shape;
        }

        namespace ListIdentitiesResponse {

            /** Properties of a ListIdentitiesResponse. */
            interface $Properties {

                /** At most 10, oldest first. */
                identities?: framegate.v1.UserIdentity.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListIdentitiesResponse. */
            type $Shape = framegate.v1.ListIdentitiesResponse.$Properties;
        }

        /**
         * Properties of a UserIdentity.
         * @deprecated Use framegate.v1.UserIdentity.$Properties instead.
         */
        interface IUserIdentity extends framegate.v1.UserIdentity.$Properties {
        }

        /** Represents a UserIdentity. */
        class UserIdentity {

            /**
             * Constructs a new UserIdentity.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UserIdentity.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UserIdentity kind. */
            kind: framegate.v1.UserIdentity.Kind;

            /** Of an issuer: its `iss`. */
            issuer: string;

            /** Of an issuer: the subject of its tokens. */
            subject: string;

            /** UserIdentity createdAtMs. */
            createdAtMs: number;

            /**
             * Encodes the specified UserIdentity message. Does not implicitly {@link framegate.v1.UserIdentity.verify|verify} messages.
             * @param message UserIdentity message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UserIdentity.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UserIdentity message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UserIdentity & framegate.v1.UserIdentity.$Shape} UserIdentity
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UserIdentity & framegate.v1.UserIdentity.$Shape;
        }

        namespace UserIdentity {

            /** Properties of a UserIdentity. */
            interface $Properties {

                /** UserIdentity kind */
                kind?: framegate.v1.UserIdentity.Kind;

                /** Of an issuer: its `iss`. */
                issuer?: string;

                /** Of an issuer: the subject of its tokens. */
                subject?: string;

                /** UserIdentity createdAtMs */
                createdAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a UserIdentity. */
            type $Shape = framegate.v1.UserIdentity.$Properties;

            /** Kind enum. */
            enum Kind {

                /** KIND_UNSPECIFIED value */
                KIND_UNSPECIFIED = 0,

                /** A token of an issuer. */
                KIND_ISSUER = 1,

                /** The secret of a guest's device. */
                KIND_DEVICE = 2,

                /** The secret of a device whose guest has joined an account: it logs in no more. */
                KIND_JOINED_DEVICE = 3
            }
        }

        /**
         * Properties of an UplinkMessage.
         * @deprecated Use framegate.v1.UplinkMessage.$Properties instead.
         */
        interface IUplinkMessage extends framegate.v1.UplinkMessage.$Properties {
        }

        /** What a user sent, for a logic service. */
        class UplinkMessage {

            /**
             * Constructs a new UplinkMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UplinkMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UplinkMessage traceId. */
            traceId: string;

            /** UplinkMessage userId. */
            userId: string;

            /** node.id of the gateway that wrote it. */
            gatewayId: string;

            /** UplinkMessage conversationId. */
            conversationId: string;

            /** A MessageKind, or what a client of an IM dialect calls it: 1 is text. */
            messageType: number;

            /** UplinkMessage content. */
            content: string;

            /** UplinkMessage clientMsgId. */
            clientMsgId: string;

            /** Unix seconds. */
            timestamp: number;

            /** UplinkMessage headers. */
            headers: { [k: string]: string };

            /**
             * Encodes the specified UplinkMessage message. Does not implicitly {@link framegate.v1.UplinkMessage.verify|verify} messages.
             * @param message UplinkMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UplinkMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UplinkMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UplinkMessage & framegate.v1.UplinkMessage.$Shape} UplinkMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UplinkMessage & framegate.v1.UplinkMessage.$Shape;
        }

        namespace UplinkMessage {

            /** Properties of an UplinkMessage. */
            interface $Properties {

                /** UplinkMessage traceId */
                traceId?: string;

                /** UplinkMessage userId */
                userId?: string;

                /** node.id of the gateway that wrote it. */
                gatewayId?: string;

                /** UplinkMessage conversationId */
                conversationId?: string;

                /** A MessageKind, or what a client of an IM dialect calls it: 1 is text. */
                messageType?: number;

                /** UplinkMessage content */
                content?: string;

                /** UplinkMessage clientMsgId */
                clientMsgId?: string;

                /** Unix seconds. */
                timestamp?: number;

                /** UplinkMessage headers */
                headers?: { [k: string]: string };

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UplinkMessage. */
            type $Shape = framegate.v1.UplinkMessage.$Properties;
        }

        /**
         * Properties of a DownlinkMessage.
         * @deprecated Use framegate.v1.DownlinkMessage.$Properties instead.
         */
        interface IDownlinkMessage extends framegate.v1.DownlinkMessage.$Properties {
        }

        /** A message of a logic service for a user. It comes from Kafka, and is pushed in the inbox of its target. */
        class DownlinkMessage {

            /**
             * Constructs a new DownlinkMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DownlinkMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DownlinkMessage traceId. */
            traceId: string;

            /** DownlinkMessage targetUserId. */
            targetUserId: string;

            /** A message with the same id for the same user is not pushed again. */
            messageId: string;

            /** DownlinkMessage conversationId. */
            conversationId: string;

            /** DownlinkMessage senderId. */
            senderId: string;

            /** DownlinkMessage messageType. */
            messageType: number;

            /** DownlinkMessage content. */
            content: string;

            /** Place in the conversation. */
            seqId: number;

            /** Unix seconds, as the logic service wrote them. */
            timestamp: number;

            /** DownlinkMessage headers. */
            headers: { [k: string]: string };

            /**
             * Encodes the specified DownlinkMessage message. Does not implicitly {@link framegate.v1.DownlinkMessage.verify|verify} messages.
             * @param message DownlinkMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DownlinkMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DownlinkMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DownlinkMessage & framegate.v1.DownlinkMessage.$Shape} DownlinkMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DownlinkMessage & framegate.v1.DownlinkMessage.$Shape;
        }

        namespace DownlinkMessage {

            /** Properties of a DownlinkMessage. */
            interface $Properties {

                /** DownlinkMessage traceId */
                traceId?: string;

                /** DownlinkMessage targetUserId */
                targetUserId?: string;

                /** A message with the same id for the same user is not pushed again. */
                messageId?: string;

                /** DownlinkMessage conversationId */
                conversationId?: string;

                /** DownlinkMessage senderId */
                senderId?: string;

                /** DownlinkMessage messageType */
                messageType?: number;

                /** DownlinkMessage content */
                content?: string;

                /** Place in the conversation. */
                seqId?: number;

                /** Unix seconds, as the logic service wrote them. */
                timestamp?: number;

                /** DownlinkMessage headers */
                headers?: { [k: string]: string };

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DownlinkMessage. */
            type $Shape = framegate.v1.DownlinkMessage.$Properties;
        }

        /**
         * Properties of a GatewayEvent.
         * @deprecated Use framegate.v1.GatewayEvent.$Properties instead.
         */
        interface IGatewayEvent extends framegate.v1.GatewayEvent.$Properties {
        }

        /** Something happened on a gateway. */
        class GatewayEvent {

            /**
             * Constructs a new GatewayEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GatewayEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UUID version 7. */
            eventId: string;

            /** `connect`, `disconnect`, `room.joined`, `message.recalled`, `audit` and so on. */
            type: string;

            /** GatewayEvent gatewayId. */
            gatewayId: string;

            /** GatewayEvent atMs. */
            atMs: number;

            /** Of whom it is; empty where it is of nobody. */
            userId: string;

            /** GatewayEvent sessionId. */
            sessionId: string;

            /** GatewayEvent conversationId. */
            conversationId: string;

            /** GatewayEvent details. */
            details: { [k: string]: string };

            /**
             * Encodes the specified GatewayEvent message. Does not implicitly {@link framegate.v1.GatewayEvent.verify|verify} messages.
             * @param message GatewayEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GatewayEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GatewayEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GatewayEvent & framegate.v1.GatewayEvent.$Shape} GatewayEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GatewayEvent & framegate.v1.GatewayEvent.$Shape;
        }

        namespace GatewayEvent {

            /** Properties of a GatewayEvent. */
            interface $Properties {

                /** UUID version 7. */
                eventId?: string;

                /** `connect`, `disconnect`, `room.joined`, `message.recalled`, `audit` and so on. */
                type?: string;

                /** GatewayEvent gatewayId */
                gatewayId?: string;

                /** GatewayEvent atMs */
                atMs?: number;

                /** Of whom it is; empty where it is of nobody. */
                userId?: string;

                /** GatewayEvent sessionId */
                sessionId?: string;

                /** GatewayEvent conversationId */
                conversationId?: string;

                /** GatewayEvent details */
                details?: { [k: string]: string };

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GatewayEvent. */
            type $Shape = framegate.v1.GatewayEvent.$Properties;
        }

        /**
         * Properties of a TopicRecordResponse.
         * @deprecated Use framegate.v1.TopicRecordResponse.$Properties instead.
         */
        interface ITopicRecordResponse extends framegate.v1.TopicRecordResponse.$Properties {
        }

        /** The reply of a route whose requests are written to a topic. */
        class TopicRecordResponse {

            /**
             * Constructs a new TopicRecordResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.TopicRecordResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PERSISTED: Kafka has the record on all replicas in sync. What its consumer makes of it is not known here. */
            stage: framegate.v1.DeliveryStage;

            /** UUID version 7, the header `framegate-message-id` of the record. */
            recordId: string;

            /**
             * Encodes the specified TopicRecordResponse message. Does not implicitly {@link framegate.v1.TopicRecordResponse.verify|verify} messages.
             * @param message TopicRecordResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.TopicRecordResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TopicRecordResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.TopicRecordResponse & framegate.v1.TopicRecordResponse.$Shape} TopicRecordResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.TopicRecordResponse & framegate.v1.TopicRecordResponse.$Shape;
        }

        namespace TopicRecordResponse {

            /** Properties of a TopicRecordResponse. */
            interface $Properties {

                /** PERSISTED: Kafka has the record on all replicas in sync. What its consumer makes of it is not known here. */
                stage?: framegate.v1.DeliveryStage;

                /** UUID version 7, the header `framegate-message-id` of the record. */
                recordId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TopicRecordResponse. */
            type $Shape = framegate.v1.TopicRecordResponse.$Properties;
        }

        /**
         * Properties of an ApiKey.
         * @deprecated Use framegate.v1.ApiKey.$Properties instead.
         */
        interface IApiKey extends framegate.v1.ApiKey.$Properties {
        }

        /** A key without its secret. */
        class ApiKey {

            /**
             * Constructs a new ApiKey.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ApiKey.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** 16 hexadecimal digits: the second part of the key's text. */
            id: string;

            /** ApiKey name. */
            name: string;

            /** ApiKey permissions. */
            permissions: string[];

            /** Prefixes of the channels that it may use; "*" is every channel. */
            channels: string[];

            /** Request cost a second on each process, and how much at once; 0 where the configuration decides. */
            perSecond: number;

            /** ApiKey burst. */
            burst: number;

            /** The id of the user or key that made it; empty for the command line. */
            createdBy: string;

            /** ApiKey createdAtMs. */
            createdAtMs: number;

            /** 0: never. */
            expiresAtMs: number;

            /** 0: it is not revoked. */
            revokedAtMs: number;

            /** When it was last used, to about a minute; 0: never. */
            lastUsedAtMs: number;

            /**
             * Encodes the specified ApiKey message. Does not implicitly {@link framegate.v1.ApiKey.verify|verify} messages.
             * @param message ApiKey message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ApiKey.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ApiKey message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ApiKey & framegate.v1.ApiKey.$Shape} ApiKey
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ApiKey & framegate.v1.ApiKey.$Shape;
        }

        namespace ApiKey {

            /** Properties of an ApiKey. */
            interface $Properties {

                /** 16 hexadecimal digits: the second part of the key's text. */
                id?: string;

                /** ApiKey name */
                name?: string;

                /** ApiKey permissions */
                permissions?: string[];

                /** Prefixes of the channels that it may use; "*" is every channel. */
                channels?: string[];

                /** Request cost a second on each process, and how much at once; 0 where the configuration decides. */
                perSecond?: number;

                /** ApiKey burst */
                burst?: number;

                /** The id of the user or key that made it; empty for the command line. */
                createdBy?: string;

                /** ApiKey createdAtMs */
                createdAtMs?: number;

                /** 0: never. */
                expiresAtMs?: number;

                /** 0: it is not revoked. */
                revokedAtMs?: number;

                /** When it was last used, to about a minute; 0: never. */
                lastUsedAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ApiKey. */
            type $Shape = framegate.v1.ApiKey.$Properties;
        }

        /**
         * Properties of a CreateKeyRequest.
         * @deprecated Use framegate.v1.CreateKeyRequest.$Properties instead.
         */
        interface ICreateKeyRequest extends framegate.v1.CreateKeyRequest.$Properties {
        }

        /** Represents a CreateKeyRequest. */
        class CreateKeyRequest {

            /**
             * Constructs a new CreateKeyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateKeyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** For people: what it is used for. */
            name: string;

            /** Permissions that routes ask for, such as "server.publish"; "*" is all of them. */
            permissions: string[];

            /** Prefixes of the channels that it may use, such as "orders:"; "*" is every channel. The channel of a user is "user:" and the id. */
            channels: string[];

            /** Unix milliseconds; 0: never. */
            expiresAtMs: number;

            /** Both, or neither: what the configuration says. */
            perSecond: number;

            /** CreateKeyRequest burst. */
            burst: number;

            /**
             * Encodes the specified CreateKeyRequest message. Does not implicitly {@link framegate.v1.CreateKeyRequest.verify|verify} messages.
             * @param message CreateKeyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateKeyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateKeyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateKeyRequest & framegate.v1.CreateKeyRequest.$Shape} CreateKeyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateKeyRequest & framegate.v1.CreateKeyRequest.$Shape;
        }

        namespace CreateKeyRequest {

            /** Properties of a CreateKeyRequest. */
            interface $Properties {

                /** For people: what it is used for. */
                name?: string;

                /** Permissions that routes ask for, such as "server.publish"; "*" is all of them. */
                permissions?: string[];

                /** Prefixes of the channels that it may use, such as "orders:"; "*" is every channel. The channel of a user is "user:" and the id. */
                channels?: string[];

                /** Unix milliseconds; 0: never. */
                expiresAtMs?: number;

                /** Both, or neither: what the configuration says. */
                perSecond?: number;

                /** CreateKeyRequest burst */
                burst?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateKeyRequest. */
            type $Shape = framegate.v1.CreateKeyRequest.$Properties;
        }

        /**
         * Properties of a CreateKeyResponse.
         * @deprecated Use framegate.v1.CreateKeyResponse.$Properties instead.
         */
        interface ICreateKeyResponse extends framegate.v1.CreateKeyResponse.$Properties {
        }

        /** Represents a CreateKeyResponse. */
        class CreateKeyResponse {

            /**
             * Constructs a new CreateKeyResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateKeyResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateKeyResponse key. */
            key: framegate.v1.ApiKey;

            /** The bearer token. It is kept nowhere, and shown only here. */
            secret: string;

            /**
             * Encodes the specified CreateKeyResponse message. Does not implicitly {@link framegate.v1.CreateKeyResponse.verify|verify} messages.
             * @param message CreateKeyResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateKeyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateKeyResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateKeyResponse & framegate.v1.CreateKeyResponse.$Shape} CreateKeyResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateKeyResponse & framegate.v1.CreateKeyResponse.$Shape;
        }

        namespace CreateKeyResponse {

            /** Properties of a CreateKeyResponse. */
            interface $Properties {

                /** CreateKeyResponse key */
                key?: framegate.v1.ApiKey.$Properties;

                /** The bearer token. It is kept nowhere, and shown only here. */
                secret?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateKeyResponse. */
            type $Shape = framegate.v1.CreateKeyResponse.$Properties;
        }

        /**
         * Properties of a ListKeysRequest.
         * @deprecated Use framegate.v1.ListKeysRequest.$Properties instead.
         */
        interface IListKeysRequest extends framegate.v1.ListKeysRequest.$Properties {
        }

        /** Represents a ListKeysRequest. */
        class ListKeysRequest {

            /**
             * Constructs a new ListKeysRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListKeysRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListKeysRequest limit. */
            limit: number;

            /** ListKeysRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListKeysRequest message. Does not implicitly {@link framegate.v1.ListKeysRequest.verify|verify} messages.
             * @param message ListKeysRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListKeysRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListKeysRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListKeysRequest & framegate.v1.ListKeysRequest.$Shape} ListKeysRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListKeysRequest & framegate.v1.ListKeysRequest.$Shape;
        }

        namespace ListKeysRequest {

            /** Properties of a ListKeysRequest. */
            interface $Properties {

                /** ListKeysRequest limit */
                limit?: number;

                /** ListKeysRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListKeysRequest. */
            type $Shape = framegate.v1.ListKeysRequest.$Properties;
        }

        /**
         * Properties of a ListKeysResponse.
         * @deprecated Use framegate.v1.ListKeysResponse.$Properties instead.
         */
        interface IListKeysResponse extends framegate.v1.ListKeysResponse.$Properties {
        }

        /** Represents a ListKeysResponse. */
        class ListKeysResponse {

            /**
             * Constructs a new ListKeysResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListKeysResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListKeysResponse keys. */
            keys: framegate.v1.ApiKey[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ListKeysResponse message. Does not implicitly {@link framegate.v1.ListKeysResponse.verify|verify} messages.
             * @param message ListKeysResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListKeysResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListKeysResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListKeysResponse & framegate.v1.ListKeysResponse.$Shape} ListKeysResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListKeysResponse & framegate.v1.ListKeysResponse.$Shape;
        }

        namespace ListKeysResponse {

            /** Properties of a ListKeysResponse. */
            interface $Properties {

                /** ListKeysResponse keys */
                keys?: framegate.v1.ApiKey.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListKeysResponse. */
            type $Shape = framegate.v1.ListKeysResponse.$Properties;
        }

        /**
         * Properties of a RevokeKeyRequest.
         * @deprecated Use framegate.v1.RevokeKeyRequest.$Properties instead.
         */
        interface IRevokeKeyRequest extends framegate.v1.RevokeKeyRequest.$Properties {
        }

        /** Represents a RevokeKeyRequest. */
        class RevokeKeyRequest {

            /**
             * Constructs a new RevokeKeyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RevokeKeyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RevokeKeyRequest id. */
            id: string;

            /**
             * Encodes the specified RevokeKeyRequest message. Does not implicitly {@link framegate.v1.RevokeKeyRequest.verify|verify} messages.
             * @param message RevokeKeyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RevokeKeyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RevokeKeyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RevokeKeyRequest & framegate.v1.RevokeKeyRequest.$Shape} RevokeKeyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RevokeKeyRequest & framegate.v1.RevokeKeyRequest.$Shape;
        }

        namespace RevokeKeyRequest {

            /** Properties of a RevokeKeyRequest. */
            interface $Properties {

                /** RevokeKeyRequest id */
                id?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RevokeKeyRequest. */
            type $Shape = framegate.v1.RevokeKeyRequest.$Properties;
        }

        /**
         * Properties of a RevokeKeyResponse.
         * @deprecated Use framegate.v1.RevokeKeyResponse.$Properties instead.
         */
        interface IRevokeKeyResponse extends framegate.v1.RevokeKeyResponse.$Properties {
        }

        /** Represents a RevokeKeyResponse. */
        class RevokeKeyResponse {

            /**
             * Constructs a new RevokeKeyResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RevokeKeyResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** False when it was revoked before. */
            revoked: boolean;

            /**
             * Encodes the specified RevokeKeyResponse message. Does not implicitly {@link framegate.v1.RevokeKeyResponse.verify|verify} messages.
             * @param message RevokeKeyResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RevokeKeyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RevokeKeyResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RevokeKeyResponse & framegate.v1.RevokeKeyResponse.$Shape} RevokeKeyResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RevokeKeyResponse & framegate.v1.RevokeKeyResponse.$Shape;
        }

        namespace RevokeKeyResponse {

            /** Properties of a RevokeKeyResponse. */
            interface $Properties {

                /** False when it was revoked before. */
                revoked?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RevokeKeyResponse. */
            type $Shape = framegate.v1.RevokeKeyResponse.$Properties;
        }

        /**
         * Properties of a StoredNotification.
         * @deprecated Use framegate.v1.StoredNotification.$Properties instead.
         */
        interface IStoredNotification extends framegate.v1.StoredNotification.$Properties {
        }

        /** Represents a StoredNotification. */
        class StoredNotification {

            /**
             * Constructs a new StoredNotification.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.StoredNotification.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StoredNotification notification. */
            notification: framegate.v1.Notification;

            /** 0 until read. */
            readAtMs: number;

            /**
             * Encodes the specified StoredNotification message. Does not implicitly {@link framegate.v1.StoredNotification.verify|verify} messages.
             * @param message StoredNotification message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.StoredNotification.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StoredNotification message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.StoredNotification & framegate.v1.StoredNotification.$Shape} StoredNotification
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.StoredNotification & framegate.v1.StoredNotification.$Shape;
        }

        namespace StoredNotification {

            /** Properties of a StoredNotification. */
            interface $Properties {

                /** StoredNotification notification */
                notification?: framegate.v1.Notification.$Properties;

                /** 0 until read. */
                readAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StoredNotification. */
            type $Shape = framegate.v1.StoredNotification.$Properties;
        }

        /**
         * Properties of a ListNotificationsRequest.
         * @deprecated Use framegate.v1.ListNotificationsRequest.$Properties instead.
         */
        interface IListNotificationsRequest extends framegate.v1.ListNotificationsRequest.$Properties {
        }

        /** Represents a ListNotificationsRequest. */
        class ListNotificationsRequest {

            /**
             * Constructs a new ListNotificationsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListNotificationsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListNotificationsRequest onlyUnread. */
            onlyUnread: boolean;

            /** ListNotificationsRequest limit. */
            limit: number;

            /** ListNotificationsRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListNotificationsRequest message. Does not implicitly {@link framegate.v1.ListNotificationsRequest.verify|verify} messages.
             * @param message ListNotificationsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListNotificationsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListNotificationsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListNotificationsRequest & framegate.v1.ListNotificationsRequest.$Shape} ListNotificationsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListNotificationsRequest & framegate.v1.ListNotificationsRequest.$Shape;
        }

        namespace ListNotificationsRequest {

            /** Properties of a ListNotificationsRequest. */
            interface $Properties {

                /** ListNotificationsRequest onlyUnread */
                onlyUnread?: boolean;

                /** ListNotificationsRequest limit */
                limit?: number;

                /** ListNotificationsRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListNotificationsRequest. */
            type $Shape = framegate.v1.ListNotificationsRequest.$Properties;
        }

        /**
         * Properties of a ListNotificationsResponse.
         * @deprecated Use framegate.v1.ListNotificationsResponse.$Properties instead.
         */
        interface IListNotificationsResponse extends framegate.v1.ListNotificationsResponse.$Properties {
        }

        /** Represents a ListNotificationsResponse. */
        class ListNotificationsResponse {

            /**
             * Constructs a new ListNotificationsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListNotificationsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListNotificationsResponse notifications. */
            notifications: framegate.v1.StoredNotification[];

            /** Empty at the end. */
            nextCursor: string;

            /** Of all, not only of those listed; counting ends at 1000. */
            unread: number;

            /**
             * Encodes the specified ListNotificationsResponse message. Does not implicitly {@link framegate.v1.ListNotificationsResponse.verify|verify} messages.
             * @param message ListNotificationsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListNotificationsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListNotificationsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListNotificationsResponse & framegate.v1.ListNotificationsResponse.$Shape} ListNotificationsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListNotificationsResponse & framegate.v1.ListNotificationsResponse.$Shape;
        }

        namespace ListNotificationsResponse {

            /** Properties of a ListNotificationsResponse. */
            interface $Properties {

                /** ListNotificationsResponse notifications */
                notifications?: framegate.v1.StoredNotification.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Of all, not only of those listed; counting ends at 1000. */
                unread?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListNotificationsResponse. */
            type $Shape = framegate.v1.ListNotificationsResponse.$Properties;
        }

        /**
         * Properties of a MarkNotificationsReadRequest.
         * @deprecated Use framegate.v1.MarkNotificationsReadRequest.$Properties instead.
         */
        interface IMarkNotificationsReadRequest extends framegate.v1.MarkNotificationsReadRequest.$Properties {
        }

        /** Represents a MarkNotificationsReadRequest. */
        class MarkNotificationsReadRequest {

            /**
             * Constructs a new MarkNotificationsReadRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.MarkNotificationsReadRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MarkNotificationsReadRequest ids. */
            ids: string[];

            /** All of them, whatever `ids` says. */
            all: boolean;

            /**
             * Encodes the specified MarkNotificationsReadRequest message. Does not implicitly {@link framegate.v1.MarkNotificationsReadRequest.verify|verify} messages.
             * @param message MarkNotificationsReadRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.MarkNotificationsReadRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MarkNotificationsReadRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.MarkNotificationsReadRequest & framegate.v1.MarkNotificationsReadRequest.$Shape} MarkNotificationsReadRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.MarkNotificationsReadRequest & framegate.v1.MarkNotificationsReadRequest.$Shape;
        }

        namespace MarkNotificationsReadRequest {

            /** Properties of a MarkNotificationsReadRequest. */
            interface $Properties {

                /** MarkNotificationsReadRequest ids */
                ids?: string[];

                /** All of them, whatever `ids` says. */
                all?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MarkNotificationsReadRequest. */
            type $Shape = framegate.v1.MarkNotificationsReadRequest.$Properties;
        }

        /**
         * Properties of a MarkNotificationsReadResponse.
         * @deprecated Use framegate.v1.MarkNotificationsReadResponse.$Properties instead.
         */
        interface IMarkNotificationsReadResponse extends framegate.v1.MarkNotificationsReadResponse.$Properties {
        }

        /** Represents a MarkNotificationsReadResponse. */
        class MarkNotificationsReadResponse {

            /**
             * Constructs a new MarkNotificationsReadResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.MarkNotificationsReadResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** How many had not been read before. */
            marked: number;

            /**
             * Encodes the specified MarkNotificationsReadResponse message. Does not implicitly {@link framegate.v1.MarkNotificationsReadResponse.verify|verify} messages.
             * @param message MarkNotificationsReadResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.MarkNotificationsReadResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MarkNotificationsReadResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.MarkNotificationsReadResponse & framegate.v1.MarkNotificationsReadResponse.$Shape} MarkNotificationsReadResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.MarkNotificationsReadResponse & framegate.v1.MarkNotificationsReadResponse.$Shape;
        }

        namespace MarkNotificationsReadResponse {

            /** Properties of a MarkNotificationsReadResponse. */
            interface $Properties {

                /** How many had not been read before. */
                marked?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MarkNotificationsReadResponse. */
            type $Shape = framegate.v1.MarkNotificationsReadResponse.$Properties;
        }

        /**
         * Properties of a PublishRequest.
         * @deprecated Use framegate.v1.PublishRequest.$Properties instead.
         */
        interface IPublishRequest extends framegate.v1.PublishRequest.$Properties {
        }

        /** Represents a PublishRequest. */
        class PublishRequest {

            /**
             * Constructs a new PublishRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PublishRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** A channel of an application, the inbox of a user ("user:" and the id) or a chat room's ("chat:" and the id). */
            channel: string;

            /** PublishRequest data. */
            data: (Uint8Array|null);

            /** The same as its bytes in UTF-8, for callers that write JSON. */
            text: (string|null);

            /** PublishRequest idempotencyKey. */
            idempotencyKey: string;

            /** PublishRequest content. */
            content?: ("data"|"text");

            /**
             * Encodes the specified PublishRequest message. Does not implicitly {@link framegate.v1.PublishRequest.verify|verify} messages.
             * @param message PublishRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PublishRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PublishRequest & framegate.v1.PublishRequest.$Shape} PublishRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PublishRequest & framegate.v1.PublishRequest.$Shape;
        }

        namespace PublishRequest {

            /** Properties of a PublishRequest. */
            interface $Properties {

                /** A channel of an application, the inbox of a user ("user:" and the id) or a chat room's ("chat:" and the id). */
                channel?: string;

                /** PublishRequest data */
                data?: (Uint8Array|null);

                /** The same as its bytes in UTF-8, for callers that write JSON. */
                text?: (string|null);

                /** PublishRequest idempotencyKey */
                idempotencyKey?: string;

                /** PublishRequest content */
                content?: ("data"|"text");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a PublishRequest. */
            type $Shape = {
              channel?: string;
              data?: Uint8Array|null;
              text?: string|null;
              idempotencyKey?: string;
              $unknowns?: Uint8Array[];
            } & (
              ({ content?: undefined; data?: null; text?: null }|{ content?: "data"; data: Uint8Array; text?: null }|{ content?: "text"; data?: null; text: string })
            );
        }

        /**
         * Properties of a PublishResponse.
         * @deprecated Use framegate.v1.PublishResponse.$Properties instead.
         */
        interface IPublishResponse extends framegate.v1.PublishResponse.$Properties {
        }

        /** Represents a PublishResponse. */
        class PublishResponse {

            /**
             * Constructs a new PublishResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.PublishResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Where it stands in the channel. */
            offset: number;

            /** PublishResponse epoch. */
            epoch: string;

            /** It was published before, under the same key; this is where. */
            repeatedCall: boolean;

            /**
             * Encodes the specified PublishResponse message. Does not implicitly {@link framegate.v1.PublishResponse.verify|verify} messages.
             * @param message PublishResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.PublishResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.PublishResponse & framegate.v1.PublishResponse.$Shape} PublishResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.PublishResponse & framegate.v1.PublishResponse.$Shape;
        }

        namespace PublishResponse {

            /** Properties of a PublishResponse. */
            interface $Properties {

                /** Where it stands in the channel. */
                offset?: number;

                /** PublishResponse epoch */
                epoch?: string;

                /** It was published before, under the same key; this is where. */
                repeatedCall?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishResponse. */
            type $Shape = framegate.v1.PublishResponse.$Properties;
        }

        /**
         * Properties of a UnicastRequest.
         * @deprecated Use framegate.v1.UnicastRequest.$Properties instead.
         */
        interface IUnicastRequest extends framegate.v1.UnicastRequest.$Properties {
        }

        /** Represents a UnicastRequest. */
        class UnicastRequest {

            /**
             * Constructs a new UnicastRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnicastRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UnicastRequest userId. */
            userId: string;

            /** UnicastRequest data. */
            data: (Uint8Array|null);

            /** The same as its bytes in UTF-8, for callers that write JSON. */
            text: (string|null);

            /** UnicastRequest idempotencyKey. */
            idempotencyKey: string;

            /** UnicastRequest content. */
            content?: ("data"|"text");

            /**
             * Encodes the specified UnicastRequest message. Does not implicitly {@link framegate.v1.UnicastRequest.verify|verify} messages.
             * @param message UnicastRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnicastRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UnicastRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnicastRequest & framegate.v1.UnicastRequest.$Shape} UnicastRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnicastRequest & framegate.v1.UnicastRequest.$Shape;
        }

        namespace UnicastRequest {

            /** Properties of a UnicastRequest. */
            interface $Properties {

                /** UnicastRequest userId */
                userId?: string;

                /** UnicastRequest data */
                data?: (Uint8Array|null);

                /** The same as its bytes in UTF-8, for callers that write JSON. */
                text?: (string|null);

                /** UnicastRequest idempotencyKey */
                idempotencyKey?: string;

                /** UnicastRequest content */
                content?: ("data"|"text");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a UnicastRequest. */
            type $Shape = {
              userId?: string;
              data?: Uint8Array|null;
              text?: string|null;
              idempotencyKey?: string;
              $unknowns?: Uint8Array[];
            } & (
              ({ content?: undefined; data?: null; text?: null }|{ content?: "data"; data: Uint8Array; text?: null }|{ content?: "text"; data?: null; text: string })
            );
        }

        /**
         * Properties of a UnicastResponse.
         * @deprecated Use framegate.v1.UnicastResponse.$Properties instead.
         */
        interface IUnicastResponse extends framegate.v1.UnicastResponse.$Properties {
        }

        /** Represents a UnicastResponse. */
        class UnicastResponse {

            /**
             * Constructs a new UnicastResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnicastResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UnicastResponse offset. */
            offset: number;

            /** UnicastResponse epoch. */
            epoch: string;

            /** UnicastResponse repeatedCall. */
            repeatedCall: boolean;

            /**
             * Encodes the specified UnicastResponse message. Does not implicitly {@link framegate.v1.UnicastResponse.verify|verify} messages.
             * @param message UnicastResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnicastResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UnicastResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnicastResponse & framegate.v1.UnicastResponse.$Shape} UnicastResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnicastResponse & framegate.v1.UnicastResponse.$Shape;
        }

        namespace UnicastResponse {

            /** Properties of a UnicastResponse. */
            interface $Properties {

                /** UnicastResponse offset */
                offset?: number;

                /** UnicastResponse epoch */
                epoch?: string;

                /** UnicastResponse repeatedCall */
                repeatedCall?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a UnicastResponse. */
            type $Shape = framegate.v1.UnicastResponse.$Properties;
        }

        /**
         * Properties of a BroadcastRequest.
         * @deprecated Use framegate.v1.BroadcastRequest.$Properties instead.
         */
        interface IBroadcastRequest extends framegate.v1.BroadcastRequest.$Properties {
        }

        /** Represents a BroadcastRequest. */
        class BroadcastRequest {

            /**
             * Constructs a new BroadcastRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.BroadcastRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty: everybody who is online. */
            userIds: string[];

            /** BroadcastRequest data. */
            data: (Uint8Array|null);

            /** The same as its bytes in UTF-8, for callers that write JSON. */
            text: (string|null);

            /** BroadcastRequest idempotencyKey. */
            idempotencyKey: string;

            /** BroadcastRequest content. */
            content?: ("data"|"text");

            /**
             * Encodes the specified BroadcastRequest message. Does not implicitly {@link framegate.v1.BroadcastRequest.verify|verify} messages.
             * @param message BroadcastRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.BroadcastRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BroadcastRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.BroadcastRequest & framegate.v1.BroadcastRequest.$Shape} BroadcastRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.BroadcastRequest & framegate.v1.BroadcastRequest.$Shape;
        }

        namespace BroadcastRequest {

            /** Properties of a BroadcastRequest. */
            interface $Properties {

                /** Empty: everybody who is online. */
                userIds?: string[];

                /** BroadcastRequest data */
                data?: (Uint8Array|null);

                /** The same as its bytes in UTF-8, for callers that write JSON. */
                text?: (string|null);

                /** BroadcastRequest idempotencyKey */
                idempotencyKey?: string;

                /** BroadcastRequest content */
                content?: ("data"|"text");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a BroadcastRequest. */
            type $Shape = {
              userIds?: string[];
              data?: Uint8Array|null;
              text?: string|null;
              idempotencyKey?: string;
              $unknowns?: Uint8Array[];
            } & (
              ({ content?: undefined; data?: null; text?: null }|{ content?: "data"; data: Uint8Array; text?: null }|{ content?: "text"; data?: null; text: string })
            );
        }

        /**
         * Properties of a BroadcastResponse.
         * @deprecated Use framegate.v1.BroadcastResponse.$Properties instead.
         */
        interface IBroadcastResponse extends framegate.v1.BroadcastResponse.$Properties {
        }

        /** Represents a BroadcastResponse. */
        class BroadcastResponse {

            /**
             * Constructs a new BroadcastResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.BroadcastResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Users in whose inbox it is. */
            reached: number;

            /** Users whose inbox could not be written: sent again under the same key, it reaches those. */
            failed: number;

            /**
             * Encodes the specified BroadcastResponse message. Does not implicitly {@link framegate.v1.BroadcastResponse.verify|verify} messages.
             * @param message BroadcastResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.BroadcastResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BroadcastResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.BroadcastResponse & framegate.v1.BroadcastResponse.$Shape} BroadcastResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.BroadcastResponse & framegate.v1.BroadcastResponse.$Shape;
        }

        namespace BroadcastResponse {

            /** Properties of a BroadcastResponse. */
            interface $Properties {

                /** Users in whose inbox it is. */
                reached?: number;

                /** Users whose inbox could not be written: sent again under the same key, it reaches those. */
                failed?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BroadcastResponse. */
            type $Shape = framegate.v1.BroadcastResponse.$Properties;
        }

        /**
         * Properties of a NotifyRequest.
         * @deprecated Use framegate.v1.NotifyRequest.$Properties instead.
         */
        interface INotifyRequest extends framegate.v1.NotifyRequest.$Properties {
        }

        /** Represents a NotifyRequest. */
        class NotifyRequest {

            /**
             * Constructs a new NotifyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.NotifyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Empty with `online`. */
            userIds: string[];

            /** Everybody who is online. */
            online: boolean;

            /** A type of notification that the gateway has texts for: "system.notice". */
            type: string;

            /** For the texts: "title" and "text" of system.notice. */
            variables: { [k: string]: string };

            /** Given to clients as it is. */
            data: { [k: string]: string };

            /** NotifyRequest idempotencyKey. */
            idempotencyKey: string;

            /**
             * Encodes the specified NotifyRequest message. Does not implicitly {@link framegate.v1.NotifyRequest.verify|verify} messages.
             * @param message NotifyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.NotifyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NotifyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.NotifyRequest & framegate.v1.NotifyRequest.$Shape} NotifyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.NotifyRequest & framegate.v1.NotifyRequest.$Shape;
        }

        namespace NotifyRequest {

            /** Properties of a NotifyRequest. */
            interface $Properties {

                /** Empty with `online`. */
                userIds?: string[];

                /** Everybody who is online. */
                online?: boolean;

                /** A type of notification that the gateway has texts for: "system.notice". */
                type?: string;

                /** For the texts: "title" and "text" of system.notice. */
                variables?: { [k: string]: string };

                /** Given to clients as it is. */
                data?: { [k: string]: string };

                /** NotifyRequest idempotencyKey */
                idempotencyKey?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NotifyRequest. */
            type $Shape = framegate.v1.NotifyRequest.$Properties;
        }

        /**
         * Properties of a NotifyResponse.
         * @deprecated Use framegate.v1.NotifyResponse.$Properties instead.
         */
        interface INotifyResponse extends framegate.v1.NotifyResponse.$Properties {
        }

        /** Represents a NotifyResponse. */
        class NotifyResponse {

            /**
             * Constructs a new NotifyResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.NotifyResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Users for whom it is stored. */
            stored: number;

            /** Of these, users to whom it was pushed; the others find it in their list. 0 of a call that was repeated. */
            pushed: number;

            /**
             * Encodes the specified NotifyResponse message. Does not implicitly {@link framegate.v1.NotifyResponse.verify|verify} messages.
             * @param message NotifyResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.NotifyResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NotifyResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.NotifyResponse & framegate.v1.NotifyResponse.$Shape} NotifyResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.NotifyResponse & framegate.v1.NotifyResponse.$Shape;
        }

        namespace NotifyResponse {

            /** Properties of a NotifyResponse. */
            interface $Properties {

                /** Users for whom it is stored. */
                stored?: number;

                /** Of these, users to whom it was pushed; the others find it in their list. 0 of a call that was repeated. */
                pushed?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NotifyResponse. */
            type $Shape = framegate.v1.NotifyResponse.$Properties;
        }

        /**
         * Properties of a DisconnectRequest.
         * @deprecated Use framegate.v1.DisconnectRequest.$Properties instead.
         */
        interface IDisconnectRequest extends framegate.v1.DisconnectRequest.$Properties {
        }

        /** Represents a DisconnectRequest. */
        class DisconnectRequest {

            /**
             * Constructs a new DisconnectRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DisconnectRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DisconnectRequest userId. */
            userId: string;

            /**
             * Encodes the specified DisconnectRequest message. Does not implicitly {@link framegate.v1.DisconnectRequest.verify|verify} messages.
             * @param message DisconnectRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DisconnectRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DisconnectRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DisconnectRequest & framegate.v1.DisconnectRequest.$Shape} DisconnectRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DisconnectRequest & framegate.v1.DisconnectRequest.$Shape;
        }

        namespace DisconnectRequest {

            /** Properties of a DisconnectRequest. */
            interface $Properties {

                /** DisconnectRequest userId */
                userId?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DisconnectRequest. */
            type $Shape = framegate.v1.DisconnectRequest.$Properties;
        }

        /**
         * Properties of a DisconnectResponse.
         * @deprecated Use framegate.v1.DisconnectResponse.$Properties instead.
         */
        interface IDisconnectResponse extends framegate.v1.DisconnectResponse.$Properties {
        }

        /** Represents a DisconnectResponse. */
        class DisconnectResponse {

            /**
             * Constructs a new DisconnectResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DisconnectResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** How many sessions ended. */
            sessionsEnded: number;

            /**
             * Encodes the specified DisconnectResponse message. Does not implicitly {@link framegate.v1.DisconnectResponse.verify|verify} messages.
             * @param message DisconnectResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DisconnectResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DisconnectResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DisconnectResponse & framegate.v1.DisconnectResponse.$Shape} DisconnectResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DisconnectResponse & framegate.v1.DisconnectResponse.$Shape;
        }

        namespace DisconnectResponse {

            /** Properties of a DisconnectResponse. */
            interface $Properties {

                /** How many sessions ended. */
                sessionsEnded?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DisconnectResponse. */
            type $Shape = framegate.v1.DisconnectResponse.$Properties;
        }

        /**
         * Properties of a SubscribeUserRequest.
         * @deprecated Use framegate.v1.SubscribeUserRequest.$Properties instead.
         */
        interface ISubscribeUserRequest extends framegate.v1.SubscribeUserRequest.$Properties {
        }

        /** Represents a SubscribeUserRequest. */
        class SubscribeUserRequest {

            /**
             * Constructs a new SubscribeUserRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscribeUserRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscribeUserRequest userId. */
            userId: string;

            /** SubscribeUserRequest channel. */
            channel: string;

            /** How long the user may; 0: until UnsubscribeUser. */
            forMs: number;

            /**
             * Encodes the specified SubscribeUserRequest message. Does not implicitly {@link framegate.v1.SubscribeUserRequest.verify|verify} messages.
             * @param message SubscribeUserRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscribeUserRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeUserRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscribeUserRequest & framegate.v1.SubscribeUserRequest.$Shape} SubscribeUserRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscribeUserRequest & framegate.v1.SubscribeUserRequest.$Shape;
        }

        namespace SubscribeUserRequest {

            /** Properties of a SubscribeUserRequest. */
            interface $Properties {

                /** SubscribeUserRequest userId */
                userId?: string;

                /** SubscribeUserRequest channel */
                channel?: string;

                /** How long the user may; 0: until UnsubscribeUser. */
                forMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscribeUserRequest. */
            type $Shape = framegate.v1.SubscribeUserRequest.$Properties;
        }

        /**
         * Properties of a SubscribeUserResponse.
         * @deprecated Use framegate.v1.SubscribeUserResponse.$Properties instead.
         */
        interface ISubscribeUserResponse extends framegate.v1.SubscribeUserResponse.$Properties {
        }

        /** Represents a SubscribeUserResponse. */
        class SubscribeUserResponse {

            /**
             * Constructs a new SubscribeUserResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SubscribeUserResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified SubscribeUserResponse message. Does not implicitly {@link framegate.v1.SubscribeUserResponse.verify|verify} messages.
             * @param message SubscribeUserResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SubscribeUserResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeUserResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SubscribeUserResponse & framegate.v1.SubscribeUserResponse.$Shape} SubscribeUserResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SubscribeUserResponse & framegate.v1.SubscribeUserResponse.$Shape;
        }

        namespace SubscribeUserResponse {

            /** Properties of a SubscribeUserResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubscribeUserResponse. */
            type $Shape = framegate.v1.SubscribeUserResponse.$Properties;
        }

        /**
         * Properties of an UnsubscribeUserRequest.
         * @deprecated Use framegate.v1.UnsubscribeUserRequest.$Properties instead.
         */
        interface IUnsubscribeUserRequest extends framegate.v1.UnsubscribeUserRequest.$Properties {
        }

        /** Represents an UnsubscribeUserRequest. */
        class UnsubscribeUserRequest {

            /**
             * Constructs a new UnsubscribeUserRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnsubscribeUserRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UnsubscribeUserRequest userId. */
            userId: string;

            /** UnsubscribeUserRequest channel. */
            channel: string;

            /**
             * Encodes the specified UnsubscribeUserRequest message. Does not implicitly {@link framegate.v1.UnsubscribeUserRequest.verify|verify} messages.
             * @param message UnsubscribeUserRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnsubscribeUserRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnsubscribeUserRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnsubscribeUserRequest & framegate.v1.UnsubscribeUserRequest.$Shape} UnsubscribeUserRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnsubscribeUserRequest & framegate.v1.UnsubscribeUserRequest.$Shape;
        }

        namespace UnsubscribeUserRequest {

            /** Properties of an UnsubscribeUserRequest. */
            interface $Properties {

                /** UnsubscribeUserRequest userId */
                userId?: string;

                /** UnsubscribeUserRequest channel */
                channel?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnsubscribeUserRequest. */
            type $Shape = framegate.v1.UnsubscribeUserRequest.$Properties;
        }

        /**
         * Properties of an UnsubscribeUserResponse.
         * @deprecated Use framegate.v1.UnsubscribeUserResponse.$Properties instead.
         */
        interface IUnsubscribeUserResponse extends framegate.v1.UnsubscribeUserResponse.$Properties {
        }

        /** Represents an UnsubscribeUserResponse. */
        class UnsubscribeUserResponse {

            /**
             * Constructs a new UnsubscribeUserResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UnsubscribeUserResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified UnsubscribeUserResponse message. Does not implicitly {@link framegate.v1.UnsubscribeUserResponse.verify|verify} messages.
             * @param message UnsubscribeUserResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UnsubscribeUserResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UnsubscribeUserResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UnsubscribeUserResponse & framegate.v1.UnsubscribeUserResponse.$Shape} UnsubscribeUserResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UnsubscribeUserResponse & framegate.v1.UnsubscribeUserResponse.$Shape;
        }

        namespace UnsubscribeUserResponse {

            /** Properties of an UnsubscribeUserResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UnsubscribeUserResponse. */
            type $Shape = framegate.v1.UnsubscribeUserResponse.$Properties;
        }

        /**
         * Properties of a GetPresenceRequest.
         * @deprecated Use framegate.v1.GetPresenceRequest.$Properties instead.
         */
        interface IGetPresenceRequest extends framegate.v1.GetPresenceRequest.$Properties {
        }

        /** Represents a GetPresenceRequest. */
        class GetPresenceRequest {

            /**
             * Constructs a new GetPresenceRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetPresenceRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetPresenceRequest userIds. */
            userIds: string[];

            /**
             * Encodes the specified GetPresenceRequest message. Does not implicitly {@link framegate.v1.GetPresenceRequest.verify|verify} messages.
             * @param message GetPresenceRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetPresenceRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetPresenceRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetPresenceRequest & framegate.v1.GetPresenceRequest.$Shape} GetPresenceRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetPresenceRequest & framegate.v1.GetPresenceRequest.$Shape;
        }

        namespace GetPresenceRequest {

            /** Properties of a GetPresenceRequest. */
            interface $Properties {

                /** GetPresenceRequest userIds */
                userIds?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetPresenceRequest. */
            type $Shape = framegate.v1.GetPresenceRequest.$Properties;
        }

        /**
         * Properties of a GetPresenceResponse.
         * @deprecated Use framegate.v1.GetPresenceResponse.$Properties instead.
         */
        interface IGetPresenceResponse extends framegate.v1.GetPresenceResponse.$Properties {
        }

        /** Represents a GetPresenceResponse. */
        class GetPresenceResponse {

            /**
             * Constructs a new GetPresenceResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetPresenceResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In the order asked for. */
            users: framegate.v1.UserPresence[];

            /**
             * Encodes the specified GetPresenceResponse message. Does not implicitly {@link framegate.v1.GetPresenceResponse.verify|verify} messages.
             * @param message GetPresenceResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetPresenceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetPresenceResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetPresenceResponse & framegate.v1.GetPresenceResponse.$Shape} GetPresenceResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetPresenceResponse & framegate.v1.GetPresenceResponse.$Shape;
        }

        namespace GetPresenceResponse {

            /** Properties of a GetPresenceResponse. */
            interface $Properties {

                /** In the order asked for. */
                users?: framegate.v1.UserPresence.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetPresenceResponse. */
            type $Shape = framegate.v1.GetPresenceResponse.$Properties;
        }

        /**
         * Properties of a GetConversationHistoryRequest.
         * @deprecated Use framegate.v1.GetConversationHistoryRequest.$Properties instead.
         */
        interface IGetConversationHistoryRequest extends framegate.v1.GetConversationHistoryRequest.$Properties {
        }

        /** Represents a GetConversationHistoryRequest. */
        class GetConversationHistoryRequest {

            /**
             * Constructs a new GetConversationHistoryRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetConversationHistoryRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The id of a chat room or of a private conversation. */
            conversationId: string;

            /** HISTORY_DIRECTION_UNSPECIFIED: latest first. */
            direction: framegate.v1.HistoryDirection;

            /** Without a cursor: begin behind (forward) or before (backward) this sequence; 0 for either end. */
            fromSequence: number;

            /** GetConversationHistoryRequest cursor. */
            cursor: string;

            /** GetConversationHistoryRequest limit. */
            limit: number;

            /**
             * Encodes the specified GetConversationHistoryRequest message. Does not implicitly {@link framegate.v1.GetConversationHistoryRequest.verify|verify} messages.
             * @param message GetConversationHistoryRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetConversationHistoryRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetConversationHistoryRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetConversationHistoryRequest & framegate.v1.GetConversationHistoryRequest.$Shape} GetConversationHistoryRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetConversationHistoryRequest & framegate.v1.GetConversationHistoryRequest.$Shape;
        }

        namespace GetConversationHistoryRequest {

            /** Properties of a GetConversationHistoryRequest. */
            interface $Properties {

                /** The id of a chat room or of a private conversation. */
                conversationId?: string;

                /** HISTORY_DIRECTION_UNSPECIFIED: latest first. */
                direction?: framegate.v1.HistoryDirection;

                /** Without a cursor: begin behind (forward) or before (backward) this sequence; 0 for either end. */
                fromSequence?: number;

                /** GetConversationHistoryRequest cursor */
                cursor?: string;

                /** GetConversationHistoryRequest limit */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetConversationHistoryRequest. */
            type $Shape = framegate.v1.GetConversationHistoryRequest.$Properties;
        }

        /**
         * Properties of a GetConversationHistoryResponse.
         * @deprecated Use framegate.v1.GetConversationHistoryResponse.$Properties instead.
         */
        interface IGetConversationHistoryResponse extends framegate.v1.GetConversationHistoryResponse.$Properties {
        }

        /** Represents a GetConversationHistoryResponse. */
        class GetConversationHistoryResponse {

            /**
             * Constructs a new GetConversationHistoryResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetConversationHistoryResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In the order of the direction asked for. */
            messages: framegate.v1.ChatMessage[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified GetConversationHistoryResponse message. Does not implicitly {@link framegate.v1.GetConversationHistoryResponse.verify|verify} messages.
             * @param message GetConversationHistoryResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetConversationHistoryResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetConversationHistoryResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetConversationHistoryResponse & framegate.v1.GetConversationHistoryResponse.$Shape} GetConversationHistoryResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetConversationHistoryResponse & framegate.v1.GetConversationHistoryResponse.$Shape;
        }

        namespace GetConversationHistoryResponse {

            /** Properties of a GetConversationHistoryResponse. */
            interface $Properties {

                /** In the order of the direction asked for. */
                messages?: framegate.v1.ChatMessage.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetConversationHistoryResponse. */
            type $Shape = framegate.v1.GetConversationHistoryResponse.$Properties;
        }

        /**
         * Properties of a GetRoomRequest.
         * @deprecated Use framegate.v1.GetRoomRequest.$Properties instead.
         */
        interface IGetRoomRequest extends framegate.v1.GetRoomRequest.$Properties {
        }

        /** Represents a GetRoomRequest. */
        class GetRoomRequest {

            /**
             * Constructs a new GetRoomRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetRoomRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetRoomRequest roomId. */
            roomId: string;

            /** GetRoomRequest cursor. */
            cursor: string;

            /** Members on this page; 0: 100. */
            limit: number;

            /**
             * Encodes the specified GetRoomRequest message. Does not implicitly {@link framegate.v1.GetRoomRequest.verify|verify} messages.
             * @param message GetRoomRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetRoomRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetRoomRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetRoomRequest & framegate.v1.GetRoomRequest.$Shape} GetRoomRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetRoomRequest & framegate.v1.GetRoomRequest.$Shape;
        }

        namespace GetRoomRequest {

            /** Properties of a GetRoomRequest. */
            interface $Properties {

                /** GetRoomRequest roomId */
                roomId?: string;

                /** GetRoomRequest cursor */
                cursor?: string;

                /** Members on this page; 0: 100. */
                limit?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetRoomRequest. */
            type $Shape = framegate.v1.GetRoomRequest.$Properties;
        }

        /**
         * Properties of a GetRoomResponse.
         * @deprecated Use framegate.v1.GetRoomResponse.$Properties instead.
         */
        interface IGetRoomResponse extends framegate.v1.GetRoomResponse.$Properties {
        }

        /** Represents a GetRoomResponse. */
        class GetRoomResponse {

            /**
             * Constructs a new GetRoomResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.GetRoomResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetRoomResponse room. */
            room: framegate.v1.ChatRoom;

            /** GetRoomResponse members. */
            members: framegate.v1.ChatMember[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified GetRoomResponse message. Does not implicitly {@link framegate.v1.GetRoomResponse.verify|verify} messages.
             * @param message GetRoomResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.GetRoomResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetRoomResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.GetRoomResponse & framegate.v1.GetRoomResponse.$Shape} GetRoomResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.GetRoomResponse & framegate.v1.GetRoomResponse.$Shape;
        }

        namespace GetRoomResponse {

            /** Properties of a GetRoomResponse. */
            interface $Properties {

                /** GetRoomResponse room */
                room?: framegate.v1.ChatRoom.$Properties;

                /** GetRoomResponse members */
                members?: framegate.v1.ChatMember.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetRoomResponse. */
            type $Shape = framegate.v1.GetRoomResponse.$Properties;
        }

        /**
         * Properties of a FindUsersRequest.
         * @deprecated Use framegate.v1.FindUsersRequest.$Properties instead.
         */
        interface IFindUsersRequest extends framegate.v1.FindUsersRequest.$Properties {
        }

        /** Represents a FindUsersRequest. */
        class FindUsersRequest {

            /**
             * Constructs a new FindUsersRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.FindUsersRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FindUsersRequest userIds. */
            userIds: string[];

            /** FindUsersRequest usernames. */
            usernames: string[];

            /**
             * Encodes the specified FindUsersRequest message. Does not implicitly {@link framegate.v1.FindUsersRequest.verify|verify} messages.
             * @param message FindUsersRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.FindUsersRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FindUsersRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.FindUsersRequest & framegate.v1.FindUsersRequest.$Shape} FindUsersRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.FindUsersRequest & framegate.v1.FindUsersRequest.$Shape;
        }

        namespace FindUsersRequest {

            /** Properties of a FindUsersRequest. */
            interface $Properties {

                /** FindUsersRequest userIds */
                userIds?: string[];

                /** FindUsersRequest usernames */
                usernames?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FindUsersRequest. */
            type $Shape = framegate.v1.FindUsersRequest.$Properties;
        }

        /**
         * Properties of a FindUsersResponse.
         * @deprecated Use framegate.v1.FindUsersResponse.$Properties instead.
         */
        interface IFindUsersResponse extends framegate.v1.FindUsersResponse.$Properties {
        }

        /** Represents a FindUsersResponse. */
        class FindUsersResponse {

            /**
             * Constructs a new FindUsersResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.FindUsersResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FindUsersResponse users. */
            users: framegate.v1.FoundUser[];

            /**
             * Encodes the specified FindUsersResponse message. Does not implicitly {@link framegate.v1.FindUsersResponse.verify|verify} messages.
             * @param message FindUsersResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.FindUsersResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FindUsersResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.FindUsersResponse & framegate.v1.FindUsersResponse.$Shape} FindUsersResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.FindUsersResponse & framegate.v1.FindUsersResponse.$Shape;
        }

        namespace FindUsersResponse {

            /** Properties of a FindUsersResponse. */
            interface $Properties {

                /** FindUsersResponse users */
                users?: framegate.v1.FoundUser.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FindUsersResponse. */
            type $Shape = framegate.v1.FindUsersResponse.$Properties;
        }

        /**
         * Properties of a FoundUser.
         * @deprecated Use framegate.v1.FoundUser.$Properties instead.
         */
        interface IFoundUser extends framegate.v1.FoundUser.$Properties {
        }

        /** Represents a FoundUser. */
        class FoundUser {

            /**
             * Constructs a new FoundUser.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.FoundUser.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FoundUser id. */
            id: string;

            /** FoundUser username. */
            username: string;

            /** FoundUser nickname. */
            nickname: string;

            /** FoundUser roles. */
            roles: string[];

            /** The account is locked. */
            disabled: boolean;

            /** FoundUser createdAtMs. */
            createdAtMs: number;

            /**
             * Encodes the specified FoundUser message. Does not implicitly {@link framegate.v1.FoundUser.verify|verify} messages.
             * @param message FoundUser message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.FoundUser.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FoundUser message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.FoundUser & framegate.v1.FoundUser.$Shape} FoundUser
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.FoundUser & framegate.v1.FoundUser.$Shape;
        }

        namespace FoundUser {

            /** Properties of a FoundUser. */
            interface $Properties {

                /** FoundUser id */
                id?: string;

                /** FoundUser username */
                username?: string;

                /** FoundUser nickname */
                nickname?: string;

                /** FoundUser roles */
                roles?: string[];

                /** The account is locked. */
                disabled?: boolean;

                /** FoundUser createdAtMs */
                createdAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FoundUser. */
            type $Shape = framegate.v1.FoundUser.$Properties;
        }

        /**
         * Properties of a RunBatchRequest.
         * @deprecated Use framegate.v1.RunBatchRequest.$Properties instead.
         */
        interface IRunBatchRequest extends framegate.v1.RunBatchRequest.$Properties {
        }

        /** Represents a RunBatchRequest. */
        class RunBatchRequest {

            /**
             * Constructs a new RunBatchRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RunBatchRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RunBatchRequest operations. */
            operations: framegate.v1.BatchOperation[];

            /**
             * Encodes the specified RunBatchRequest message. Does not implicitly {@link framegate.v1.RunBatchRequest.verify|verify} messages.
             * @param message RunBatchRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RunBatchRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RunBatchRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RunBatchRequest & framegate.v1.RunBatchRequest.$Shape} RunBatchRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RunBatchRequest & framegate.v1.RunBatchRequest.$Shape;
        }

        namespace RunBatchRequest {

            /** Properties of a RunBatchRequest. */
            interface $Properties {

                /** RunBatchRequest operations */
                operations?: framegate.v1.BatchOperation.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RunBatchRequest. */
            type $Shape = {
              operations?: framegate.v1.BatchOperation.$Shape[];
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a BatchOperation.
         * @deprecated Use framegate.v1.BatchOperation.$Properties instead.
         */
        interface IBatchOperation extends framegate.v1.BatchOperation.$Properties {
        }

        /** Represents a BatchOperation. */
        class BatchOperation {

            /**
             * Constructs a new BatchOperation.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.BatchOperation.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BatchOperation publish. */
            publish: (framegate.v1.PublishRequest|null);

            /** BatchOperation unicast. */
            unicast: (framegate.v1.UnicastRequest|null);

            /** BatchOperation broadcast. */
            broadcast: (framegate.v1.BroadcastRequest|null);

            /** BatchOperation notify. */
            notify: (framegate.v1.NotifyRequest|null);

            /** BatchOperation disconnect. */
            disconnect: (framegate.v1.DisconnectRequest|null);

            /** BatchOperation subscribeUser. */
            subscribeUser: (framegate.v1.SubscribeUserRequest|null);

            /** BatchOperation unsubscribeUser. */
            unsubscribeUser: (framegate.v1.UnsubscribeUserRequest|null);

            /** BatchOperation operation. */
            operation?: ("publish"|"unicast"|"broadcast"|"notify"|"disconnect"|"subscribeUser"|"unsubscribeUser");

            /**
             * Encodes the specified BatchOperation message. Does not implicitly {@link framegate.v1.BatchOperation.verify|verify} messages.
             * @param message BatchOperation message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.BatchOperation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BatchOperation message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.BatchOperation & framegate.v1.BatchOperation.$Shape} BatchOperation
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.BatchOperation & framegate.v1.BatchOperation.$Shape;
        }

        namespace BatchOperation {

            /** Properties of a BatchOperation. */
            interface $Properties {

                /** BatchOperation publish */
                publish?: (framegate.v1.PublishRequest.$Properties|null);

                /** BatchOperation unicast */
                unicast?: (framegate.v1.UnicastRequest.$Properties|null);

                /** BatchOperation broadcast */
                broadcast?: (framegate.v1.BroadcastRequest.$Properties|null);

                /** BatchOperation notify */
                notify?: (framegate.v1.NotifyRequest.$Properties|null);

                /** BatchOperation disconnect */
                disconnect?: (framegate.v1.DisconnectRequest.$Properties|null);

                /** BatchOperation subscribeUser */
                subscribeUser?: (framegate.v1.SubscribeUserRequest.$Properties|null);

                /** BatchOperation unsubscribeUser */
                unsubscribeUser?: (framegate.v1.UnsubscribeUserRequest.$Properties|null);

                /** BatchOperation operation */
                operation?: ("publish"|"unicast"|"broadcast"|"notify"|"disconnect"|"subscribeUser"|"unsubscribeUser");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a BatchOperation. */
            type $Shape = {
              publish?: framegate.v1.PublishRequest.$Shape|null;
              unicast?: framegate.v1.UnicastRequest.$Shape|null;
              broadcast?: framegate.v1.BroadcastRequest.$Shape|null;
              notify?: framegate.v1.NotifyRequest.$Shape|null;
              disconnect?: framegate.v1.DisconnectRequest.$Shape|null;
              subscribeUser?: framegate.v1.SubscribeUserRequest.$Shape|null;
              unsubscribeUser?: framegate.v1.UnsubscribeUserRequest.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ operation?: undefined; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ operation?: "publish"; publish: framegate.v1.PublishRequest.$Shape; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ operation?: "unicast"; publish?: null; unicast: framegate.v1.UnicastRequest.$Shape; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ operation?: "broadcast"; publish?: null; unicast?: null; broadcast: framegate.v1.BroadcastRequest.$Shape; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ operation?: "notify"; publish?: null; unicast?: null; broadcast?: null; notify: framegate.v1.NotifyRequest.$Shape; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ operation?: "disconnect"; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect: framegate.v1.DisconnectRequest.$Shape; subscribeUser?: null; unsubscribeUser?: null }|{ operation?: "subscribeUser"; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser: framegate.v1.SubscribeUserRequest.$Shape; unsubscribeUser?: null }|{ operation?: "unsubscribeUser"; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser: framegate.v1.UnsubscribeUserRequest.$Shape })
            );
        }

        /**
         * Properties of a RunBatchResponse.
         * @deprecated Use framegate.v1.RunBatchResponse.$Properties instead.
         */
        interface IRunBatchResponse extends framegate.v1.RunBatchResponse.$Properties {
        }

        /** Represents a RunBatchResponse. */
        class RunBatchResponse {

            /**
             * Constructs a new RunBatchResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.RunBatchResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** In the order of the operations. */
            results: framegate.v1.BatchResult[];

            /**
             * Encodes the specified RunBatchResponse message. Does not implicitly {@link framegate.v1.RunBatchResponse.verify|verify} messages.
             * @param message RunBatchResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.RunBatchResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RunBatchResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.RunBatchResponse & framegate.v1.RunBatchResponse.$Shape} RunBatchResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.RunBatchResponse & framegate.v1.RunBatchResponse.$Shape;
        }

        namespace RunBatchResponse {

            /** Properties of a RunBatchResponse. */
            interface $Properties {

                /** In the order of the operations. */
                results?: framegate.v1.BatchResult.$Properties[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RunBatchResponse. */
            type $Shape = {
              results?: framegate.v1.BatchResult.$Shape[];
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a BatchResult.
         * @deprecated Use framegate.v1.BatchResult.$Properties instead.
         */
        interface IBatchResult extends framegate.v1.BatchResult.$Properties {
        }

        /** Represents a BatchResult. */
        class BatchResult {

            /**
             * Constructs a new BatchResult.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.BatchResult.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ERROR_CODE_OK, or why the operation failed. */
            code: framegate.v1.ErrorCode;

            /** BatchResult error. */
            error: framegate.v1.ErrorDetail;

            /** BatchResult publish. */
            publish: (framegate.v1.PublishResponse|null);

            /** BatchResult unicast. */
            unicast: (framegate.v1.UnicastResponse|null);

            /** BatchResult broadcast. */
            broadcast: (framegate.v1.BroadcastResponse|null);

            /** BatchResult notify. */
            notify: (framegate.v1.NotifyResponse|null);

            /** BatchResult disconnect. */
            disconnect: (framegate.v1.DisconnectResponse|null);

            /** BatchResult subscribeUser. */
            subscribeUser: (framegate.v1.SubscribeUserResponse|null);

            /** BatchResult unsubscribeUser. */
            unsubscribeUser: (framegate.v1.UnsubscribeUserResponse|null);

            /** BatchResult result. */
            result?: ("publish"|"unicast"|"broadcast"|"notify"|"disconnect"|"subscribeUser"|"unsubscribeUser");

            /**
             * Encodes the specified BatchResult message. Does not implicitly {@link framegate.v1.BatchResult.verify|verify} messages.
             * @param message BatchResult message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.BatchResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BatchResult message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.BatchResult & framegate.v1.BatchResult.$Shape} BatchResult
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.BatchResult & framegate.v1.BatchResult.$Shape;
        }

        namespace BatchResult {

            /** Properties of a BatchResult. */
            interface $Properties {

                /** ERROR_CODE_OK, or why the operation failed. */
                code?: framegate.v1.ErrorCode;

                /** BatchResult error */
                error?: framegate.v1.ErrorDetail.$Properties;

                /** BatchResult publish */
                publish?: (framegate.v1.PublishResponse.$Properties|null);

                /** BatchResult unicast */
                unicast?: (framegate.v1.UnicastResponse.$Properties|null);

                /** BatchResult broadcast */
                broadcast?: (framegate.v1.BroadcastResponse.$Properties|null);

                /** BatchResult notify */
                notify?: (framegate.v1.NotifyResponse.$Properties|null);

                /** BatchResult disconnect */
                disconnect?: (framegate.v1.DisconnectResponse.$Properties|null);

                /** BatchResult subscribeUser */
                subscribeUser?: (framegate.v1.SubscribeUserResponse.$Properties|null);

                /** BatchResult unsubscribeUser */
                unsubscribeUser?: (framegate.v1.UnsubscribeUserResponse.$Properties|null);

                /** BatchResult result */
                result?: ("publish"|"unicast"|"broadcast"|"notify"|"disconnect"|"subscribeUser"|"unsubscribeUser");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a BatchResult. */
            type $Shape = {
              code?: framegate.v1.ErrorCode;
              error?: framegate.v1.ErrorDetail.$Shape;
              publish?: framegate.v1.PublishResponse.$Shape|null;
              unicast?: framegate.v1.UnicastResponse.$Shape|null;
              broadcast?: framegate.v1.BroadcastResponse.$Shape|null;
              notify?: framegate.v1.NotifyResponse.$Shape|null;
              disconnect?: framegate.v1.DisconnectResponse.$Shape|null;
              subscribeUser?: framegate.v1.SubscribeUserResponse.$Shape|null;
              unsubscribeUser?: framegate.v1.UnsubscribeUserResponse.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ result?: undefined; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ result?: "publish"; publish: framegate.v1.PublishResponse.$Shape; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ result?: "unicast"; publish?: null; unicast: framegate.v1.UnicastResponse.$Shape; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ result?: "broadcast"; publish?: null; unicast?: null; broadcast: framegate.v1.BroadcastResponse.$Shape; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ result?: "notify"; publish?: null; unicast?: null; broadcast?: null; notify: framegate.v1.NotifyResponse.$Shape; disconnect?: null; subscribeUser?: null; unsubscribeUser?: null }|{ result?: "disconnect"; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect: framegate.v1.DisconnectResponse.$Shape; subscribeUser?: null; unsubscribeUser?: null }|{ result?: "subscribeUser"; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser: framegate.v1.SubscribeUserResponse.$Shape; unsubscribeUser?: null }|{ result?: "unsubscribeUser"; publish?: null; unicast?: null; broadcast?: null; notify?: null; disconnect?: null; subscribeUser?: null; unsubscribeUser: framegate.v1.UnsubscribeUserResponse.$Shape })
            );
        }

        /**
         * Properties of a ServerMessage.
         * @deprecated Use framegate.v1.ServerMessage.$Properties instead.
         */
        interface IServerMessage extends framegate.v1.ServerMessage.$Properties {
        }

        /** What a backend published in the inbox of a user, or on a chat room's channel. */
        class ServerMessage {

            /**
             * Constructs a new ServerMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ServerMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ServerMessage data. */
            data: Uint8Array;

            /** ServerMessage sentAtMs. */
            sentAtMs: number;

            /**
             * Encodes the specified ServerMessage message. Does not implicitly {@link framegate.v1.ServerMessage.verify|verify} messages.
             * @param message ServerMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ServerMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ServerMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ServerMessage & framegate.v1.ServerMessage.$Shape} ServerMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ServerMessage & framegate.v1.ServerMessage.$Shape;
        }

        namespace ServerMessage {

            /** Properties of a ServerMessage. */
            interface $Properties {

                /** ServerMessage data */
                data?: Uint8Array;

                /** ServerMessage sentAtMs */
                sentAtMs?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ServerMessage. */
            type $Shape = framegate.v1.ServerMessage.$Properties;
        }

        /**
         * Properties of a CancelStreamRequest.
         * @deprecated Use framegate.v1.CancelStreamRequest.$Properties instead.
         */
        interface ICancelStreamRequest extends framegate.v1.CancelStreamRequest.$Properties {
        }

        /** Represents a CancelStreamRequest. */
        class CancelStreamRequest {

            /**
             * Constructs a new CancelStreamRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CancelStreamRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The seq of the request that opened it. */
            streamId: number;

            /**
             * Encodes the specified CancelStreamRequest message. Does not implicitly {@link framegate.v1.CancelStreamRequest.verify|verify} messages.
             * @param message CancelStreamRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CancelStreamRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CancelStreamRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CancelStreamRequest & framegate.v1.CancelStreamRequest.$Shape} CancelStreamRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CancelStreamRequest & framegate.v1.CancelStreamRequest.$Shape;
        }

        namespace CancelStreamRequest {

            /** Properties of a CancelStreamRequest. */
            interface $Properties {

                /** The seq of the request that opened it. */
                streamId?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CancelStreamRequest. */
            type $Shape = framegate.v1.CancelStreamRequest.$Properties;
        }

        /**
         * Properties of a CancelStreamResponse.
         * @deprecated Use framegate.v1.CancelStreamResponse.$Properties instead.
         */
        interface ICancelStreamResponse extends framegate.v1.CancelStreamResponse.$Properties {
        }

        /** Represents a CancelStreamResponse. */
        class CancelStreamResponse {

            /**
             * Constructs a new CancelStreamResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CancelStreamResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** False when there was no such stream, or no longer. */
            cancelled: boolean;

            /**
             * Encodes the specified CancelStreamResponse message. Does not implicitly {@link framegate.v1.CancelStreamResponse.verify|verify} messages.
             * @param message CancelStreamResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CancelStreamResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CancelStreamResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CancelStreamResponse & framegate.v1.CancelStreamResponse.$Shape} CancelStreamResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CancelStreamResponse & framegate.v1.CancelStreamResponse.$Shape;
        }

        namespace CancelStreamResponse {

            /** Properties of a CancelStreamResponse. */
            interface $Properties {

                /** False when there was no such stream, or no longer. */
                cancelled?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CancelStreamResponse. */
            type $Shape = framegate.v1.CancelStreamResponse.$Properties;
        }

        /**
         * Properties of a StreamMessage.
         * @deprecated Use framegate.v1.StreamMessage.$Properties instead.
         */
        interface IStreamMessage extends framegate.v1.StreamMessage.$Properties {
        }

        /** One message of a stream. The request that opened the stream was answered with OK and an empty body before the first one. */
        class StreamMessage {

            /**
             * Constructs a new StreamMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.StreamMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** The seq of the request that opened it. */
            streamId: number;

            /** The message, of the type that the route answers with. Not set in the last push of a stream. */
            body: Uint8Array;

            /** The stream is over: no further message of it comes. */
            end: boolean;

            /** With end: ERROR_CODE_OK when it has come to its end. */
            code: framegate.v1.ErrorCode;

            /** With end: present only when code is not ERROR_CODE_OK. */
            error: framegate.v1.ErrorDetail;

            /**
             * Encodes the specified StreamMessage message. Does not implicitly {@link framegate.v1.StreamMessage.verify|verify} messages.
             * @param message StreamMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.StreamMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.StreamMessage & framegate.v1.StreamMessage.$Shape} StreamMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.StreamMessage & framegate.v1.StreamMessage.$Shape;
        }

        namespace StreamMessage {

            /** Properties of a StreamMessage. */
            interface $Properties {

                /** The seq of the request that opened it. */
                streamId?: number;

                /** The message, of the type that the route answers with. Not set in the last push of a stream. */
                body?: Uint8Array;

                /** The stream is over: no further message of it comes. */
                end?: boolean;

                /** With end: ERROR_CODE_OK when it has come to its end. */
                code?: framegate.v1.ErrorCode;

                /** With end: present only when code is not ERROR_CODE_OK. */
                error?: framegate.v1.ErrorDetail.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamMessage. */
            type $Shape = framegate.v1.StreamMessage.$Properties;
        }

        /**
         * Properties of an UpdateUserRequest.
         * @deprecated Use framegate.v1.UpdateUserRequest.$Properties instead.
         */
        interface IUpdateUserRequest extends framegate.v1.UpdateUserRequest.$Properties {
        }

        /** Represents an UpdateUserRequest. */
        class UpdateUserRequest {

            /**
             * Constructs a new UpdateUserRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UpdateUserRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateUserRequest userId. */
            userId: string;

            /** Empty: none is shown. */
            nickname: (string|null);

            /** Empty: none, so that a forgotten password cannot be reset. */
            email: (string|null);

            /** https or http; empty: none. */
            avatarUrl: (string|null);

            /**
             * Entries to set, beside those that are there; an empty value removes the entry. All entries together have at most
             * users.maxMetadataBytes.
             */
            metadata: { [k: string]: string };

            /**
             * The new password. Ends the user's other sessions. PRECONDITION_FAILED when one's own account has none, as that of a guest or of
             * an issuer's user.
             */
            password: (string|null);

            /** The present password, for password and email of one's own account. */
            oldPassword: string;

            /** CONFLICT unless the record has this version; 0: whatever it has. */
            expectedVersion: number;

            /**
             * Encodes the specified UpdateUserRequest message. Does not implicitly {@link framegate.v1.UpdateUserRequest.verify|verify} messages.
             * @param message UpdateUserRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UpdateUserRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateUserRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UpdateUserRequest & framegate.v1.UpdateUserRequest.$Shape} UpdateUserRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UpdateUserRequest & framegate.v1.UpdateUserRequest.$Shape;
        }

        namespace UpdateUserRequest {

            /** Properties of an UpdateUserRequest. */
            interface $Properties {

                /** UpdateUserRequest userId */
                userId?: string;

                /** Empty: none is shown. */
                nickname?: (string|null);

                /** Empty: none, so that a forgotten password cannot be reset. */
                email?: (string|null);

                /** https or http; empty: none. */
                avatarUrl?: (string|null);

                /**
                 * Entries to set, beside those that are there; an empty value removes the entry. All entries together have at most
                 * users.maxMetadataBytes.
                 */
                metadata?: { [k: string]: string };

                /**
                 * The new password. Ends the user's other sessions. PRECONDITION_FAILED when one's own account has none, as that of a guest or of
                 * an issuer's user.
                 */
                password?: (string|null);

                /** The present password, for password and email of one's own account. */
                oldPassword?: string;

                /** CONFLICT unless the record has this version; 0: whatever it has. */
                expectedVersion?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateUserRequest. */
            type $Shape = framegate.v1.UpdateUserRequest.$Properties;
        }

        /**
         * Properties of an UpdateUserResponse.
         * @deprecated Use framegate.v1.UpdateUserResponse.$Properties instead.
         */
        interface IUpdateUserResponse extends framegate.v1.UpdateUserResponse.$Properties {
        }

        /** Represents an UpdateUserResponse. */
        class UpdateUserResponse {

            /**
             * Constructs a new UpdateUserResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UpdateUserResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateUserResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified UpdateUserResponse message. Does not implicitly {@link framegate.v1.UpdateUserResponse.verify|verify} messages.
             * @param message UpdateUserResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UpdateUserResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateUserResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UpdateUserResponse & framegate.v1.UpdateUserResponse.$Shape} UpdateUserResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UpdateUserResponse & framegate.v1.UpdateUserResponse.$Shape;
        }

        namespace UpdateUserResponse {

            /** Properties of an UpdateUserResponse. */
            interface $Properties {

                /** UpdateUserResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateUserResponse. */
            type $Shape = framegate.v1.UpdateUserResponse.$Properties;
        }

        /**
         * Properties of a DeleteUserRequest.
         * @deprecated Use framegate.v1.DeleteUserRequest.$Properties instead.
         */
        interface IDeleteUserRequest extends framegate.v1.DeleteUserRequest.$Properties {
        }

        /** Represents a DeleteUserRequest. */
        class DeleteUserRequest {

            /**
             * Constructs a new DeleteUserRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DeleteUserRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeleteUserRequest userId. */
            userId: string;

            /** For one's own account, if it has one. */
            password: string;

            /** As in UpdateUserRequest. */
            expectedVersion: number;

            /**
             * Encodes the specified DeleteUserRequest message. Does not implicitly {@link framegate.v1.DeleteUserRequest.verify|verify} messages.
             * @param message DeleteUserRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DeleteUserRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeleteUserRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DeleteUserRequest & framegate.v1.DeleteUserRequest.$Shape} DeleteUserRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DeleteUserRequest & framegate.v1.DeleteUserRequest.$Shape;
        }

        namespace DeleteUserRequest {

            /** Properties of a DeleteUserRequest. */
            interface $Properties {

                /** DeleteUserRequest userId */
                userId?: string;

                /** For one's own account, if it has one. */
                password?: string;

                /** As in UpdateUserRequest. */
                expectedVersion?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeleteUserRequest. */
            type $Shape = framegate.v1.DeleteUserRequest.$Properties;
        }

        /**
         * Properties of a DeleteUserResponse.
         * @deprecated Use framegate.v1.DeleteUserResponse.$Properties instead.
         */
        interface IDeleteUserResponse extends framegate.v1.DeleteUserResponse.$Properties {
        }

        /** Represents a DeleteUserResponse. */
        class DeleteUserResponse {

            /**
             * Constructs a new DeleteUserResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.DeleteUserResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** How many sessions ended, the caller's own included. */
            sessionsEnded: number;

            /**
             * Encodes the specified DeleteUserResponse message. Does not implicitly {@link framegate.v1.DeleteUserResponse.verify|verify} messages.
             * @param message DeleteUserResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.DeleteUserResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeleteUserResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.DeleteUserResponse & framegate.v1.DeleteUserResponse.$Shape} DeleteUserResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.DeleteUserResponse & framegate.v1.DeleteUserResponse.$Shape;
        }

        namespace DeleteUserResponse {

            /** Properties of a DeleteUserResponse. */
            interface $Properties {

                /** How many sessions ended, the caller's own included. */
                sessionsEnded?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeleteUserResponse. */
            type $Shape = framegate.v1.DeleteUserResponse.$Properties;
        }

        /**
         * Properties of a SetUserRolesRequest.
         * @deprecated Use framegate.v1.SetUserRolesRequest.$Properties instead.
         */
        interface ISetUserRolesRequest extends framegate.v1.SetUserRolesRequest.$Properties {
        }

        /** Represents a SetUserRolesRequest. */
        class SetUserRolesRequest {

            /**
             * Constructs a new SetUserRolesRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SetUserRolesRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetUserRolesRequest userId. */
            userId: string;

            /** SetUserRolesRequest roles. */
            roles: string[];

            /** As in UpdateUserRequest. */
            expectedVersion: number;

            /**
             * Encodes the specified SetUserRolesRequest message. Does not implicitly {@link framegate.v1.SetUserRolesRequest.verify|verify} messages.
             * @param message SetUserRolesRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SetUserRolesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetUserRolesRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SetUserRolesRequest & framegate.v1.SetUserRolesRequest.$Shape} SetUserRolesRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SetUserRolesRequest & framegate.v1.SetUserRolesRequest.$Shape;
        }

        namespace SetUserRolesRequest {

            /** Properties of a SetUserRolesRequest. */
            interface $Properties {

                /** SetUserRolesRequest userId */
                userId?: string;

                /** SetUserRolesRequest roles */
                roles?: string[];

                /** As in UpdateUserRequest. */
                expectedVersion?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetUserRolesRequest. */
            type $Shape = framegate.v1.SetUserRolesRequest.$Properties;
        }

        /**
         * Properties of a SetUserRolesResponse.
         * @deprecated Use framegate.v1.SetUserRolesResponse.$Properties instead.
         */
        interface ISetUserRolesResponse extends framegate.v1.SetUserRolesResponse.$Properties {
        }

        /** Represents a SetUserRolesResponse. */
        class SetUserRolesResponse {

            /**
             * Constructs a new SetUserRolesResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SetUserRolesResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetUserRolesResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified SetUserRolesResponse message. Does not implicitly {@link framegate.v1.SetUserRolesResponse.verify|verify} messages.
             * @param message SetUserRolesResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SetUserRolesResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetUserRolesResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SetUserRolesResponse & framegate.v1.SetUserRolesResponse.$Shape} SetUserRolesResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SetUserRolesResponse & framegate.v1.SetUserRolesResponse.$Shape;
        }

        namespace SetUserRolesResponse {

            /** Properties of a SetUserRolesResponse. */
            interface $Properties {

                /** SetUserRolesResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetUserRolesResponse. */
            type $Shape = framegate.v1.SetUserRolesResponse.$Properties;
        }

        /**
         * Properties of a SetUserStatusRequest.
         * @deprecated Use framegate.v1.SetUserStatusRequest.$Properties instead.
         */
        interface ISetUserStatusRequest extends framegate.v1.SetUserStatusRequest.$Properties {
        }

        /** Represents a SetUserStatusRequest. */
        class SetUserStatusRequest {

            /**
             * Constructs a new SetUserStatusRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SetUserStatusRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetUserStatusRequest userId. */
            userId: string;

            /** SetUserStatusRequest status. */
            status: framegate.v1.UserStatus;

            /** As in UpdateUserRequest. */
            expectedVersion: number;

            /**
             * Encodes the specified SetUserStatusRequest message. Does not implicitly {@link framegate.v1.SetUserStatusRequest.verify|verify} messages.
             * @param message SetUserStatusRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SetUserStatusRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetUserStatusRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SetUserStatusRequest & framegate.v1.SetUserStatusRequest.$Shape} SetUserStatusRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SetUserStatusRequest & framegate.v1.SetUserStatusRequest.$Shape;
        }

        namespace SetUserStatusRequest {

            /** Properties of a SetUserStatusRequest. */
            interface $Properties {

                /** SetUserStatusRequest userId */
                userId?: string;

                /** SetUserStatusRequest status */
                status?: framegate.v1.UserStatus;

                /** As in UpdateUserRequest. */
                expectedVersion?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetUserStatusRequest. */
            type $Shape = framegate.v1.SetUserStatusRequest.$Properties;
        }

        /**
         * Properties of a SetUserStatusResponse.
         * @deprecated Use framegate.v1.SetUserStatusResponse.$Properties instead.
         */
        interface ISetUserStatusResponse extends framegate.v1.SetUserStatusResponse.$Properties {
        }

        /** Represents a SetUserStatusResponse. */
        class SetUserStatusResponse {

            /**
             * Constructs a new SetUserStatusResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.SetUserStatusResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetUserStatusResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified SetUserStatusResponse message. Does not implicitly {@link framegate.v1.SetUserStatusResponse.verify|verify} messages.
             * @param message SetUserStatusResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.SetUserStatusResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetUserStatusResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.SetUserStatusResponse & framegate.v1.SetUserStatusResponse.$Shape} SetUserStatusResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.SetUserStatusResponse & framegate.v1.SetUserStatusResponse.$Shape;
        }

        namespace SetUserStatusResponse {

            /** Properties of a SetUserStatusResponse. */
            interface $Properties {

                /** SetUserStatusResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetUserStatusResponse. */
            type $Shape = framegate.v1.SetUserStatusResponse.$Properties;
        }

        /**
         * Properties of a UserSession.
         * @deprecated Use framegate.v1.UserSession.$Properties instead.
         */
        interface IUserSession extends framegate.v1.UserSession.$Properties {
        }

        /** Represents a UserSession. */
        class UserSession {

            /**
             * Constructs a new UserSession.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UserSession.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UserSession id. */
            id: string;

            /** UserSession deviceId. */
            deviceId: string;

            /** UserSession deviceName. */
            deviceName: string;

            /** Address of the login. */
            ip: string;

            /** UserSession createdAtMs. */
            createdAtMs: number;

            /** UserSession lastSeenAtMs. */
            lastSeenAtMs: number;

            /** UserSession expiresAtMs. */
            expiresAtMs: number;

            /** The session of the call itself. */
            isCurrent: boolean;

            /**
             * Encodes the specified UserSession message. Does not implicitly {@link framegate.v1.UserSession.verify|verify} messages.
             * @param message UserSession message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UserSession.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UserSession message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UserSession & framegate.v1.UserSession.$Shape} UserSession
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UserSession & framegate.v1.UserSession.$Shape;
        }

        namespace UserSession {

            /** Properties of a UserSession. */
            interface $Properties {

                /** UserSession id */
                id?: string;

                /** UserSession deviceId */
                deviceId?: string;

                /** UserSession deviceName */
                deviceName?: string;

                /** Address of the login. */
                ip?: string;

                /** UserSession createdAtMs */
                createdAtMs?: number;

                /** UserSession lastSeenAtMs */
                lastSeenAtMs?: number;

                /** UserSession expiresAtMs */
                expiresAtMs?: number;

                /** The session of the call itself. */
                isCurrent?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a UserSession. */
            type $Shape = framegate.v1.UserSession.$Properties;
        }

        /**
         * Properties of a ListSessionsRequest.
         * @deprecated Use framegate.v1.ListSessionsRequest.$Properties instead.
         */
        interface IListSessionsRequest extends framegate.v1.ListSessionsRequest.$Properties {
        }

        /** Represents a ListSessionsRequest. */
        class ListSessionsRequest {

            /**
             * Constructs a new ListSessionsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListSessionsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListSessionsRequest userId. */
            userId: string;

            /** ListSessionsRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ListSessionsRequest message. Does not implicitly {@link framegate.v1.ListSessionsRequest.verify|verify} messages.
             * @param message ListSessionsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListSessionsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListSessionsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListSessionsRequest & framegate.v1.ListSessionsRequest.$Shape} ListSessionsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListSessionsRequest & framegate.v1.ListSessionsRequest.$Shape;
        }

        namespace ListSessionsRequest {

            /** Properties of a ListSessionsRequest. */
            interface $Properties {

                /** ListSessionsRequest userId */
                userId?: string;

                /** ListSessionsRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListSessionsRequest. */
            type $Shape = framegate.v1.ListSessionsRequest.$Properties;
        }

        /**
         * Properties of a ListSessionsResponse.
         * @deprecated Use framegate.v1.ListSessionsResponse.$Properties instead.
         */
        interface IListSessionsResponse extends framegate.v1.ListSessionsResponse.$Properties {
        }

        /** Represents a ListSessionsResponse. */
        class ListSessionsResponse {

            /**
             * Constructs a new ListSessionsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ListSessionsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListSessionsResponse sessions. */
            sessions: framegate.v1.UserSession[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ListSessionsResponse message. Does not implicitly {@link framegate.v1.ListSessionsResponse.verify|verify} messages.
             * @param message ListSessionsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ListSessionsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListSessionsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ListSessionsResponse & framegate.v1.ListSessionsResponse.$Shape} ListSessionsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ListSessionsResponse & framegate.v1.ListSessionsResponse.$Shape;
        }

        namespace ListSessionsResponse {

            /** Properties of a ListSessionsResponse. */
            interface $Properties {

                /** ListSessionsResponse sessions */
                sessions?: framegate.v1.UserSession.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListSessionsResponse. */
            type $Shape = framegate.v1.ListSessionsResponse.$Properties;
        }

        /**
         * Properties of an EndSessionsRequest.
         * @deprecated Use framegate.v1.EndSessionsRequest.$Properties instead.
         */
        interface IEndSessionsRequest extends framegate.v1.EndSessionsRequest.$Properties {
        }

        /** Represents an EndSessionsRequest. */
        class EndSessionsRequest {

            /**
             * Constructs a new EndSessionsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.EndSessionsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EndSessionsRequest userId. */
            userId: string;

            /** Empty: all of them. */
            sessionId: string;

            /** With all of them: not the session of the call itself. */
            keepCurrent: boolean;

            /**
             * Encodes the specified EndSessionsRequest message. Does not implicitly {@link framegate.v1.EndSessionsRequest.verify|verify} messages.
             * @param message EndSessionsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.EndSessionsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EndSessionsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.EndSessionsRequest & framegate.v1.EndSessionsRequest.$Shape} EndSessionsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.EndSessionsRequest & framegate.v1.EndSessionsRequest.$Shape;
        }

        namespace EndSessionsRequest {

            /** Properties of an EndSessionsRequest. */
            interface $Properties {

                /** EndSessionsRequest userId */
                userId?: string;

                /** Empty: all of them. */
                sessionId?: string;

                /** With all of them: not the session of the call itself. */
                keepCurrent?: boolean;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EndSessionsRequest. */
            type $Shape = framegate.v1.EndSessionsRequest.$Properties;
        }

        /**
         * Properties of an EndSessionsResponse.
         * @deprecated Use framegate.v1.EndSessionsResponse.$Properties instead.
         */
        interface IEndSessionsResponse extends framegate.v1.EndSessionsResponse.$Properties {
        }

        /** Represents an EndSessionsResponse. */
        class EndSessionsResponse {

            /**
             * Constructs a new EndSessionsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.EndSessionsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** 0 when they were gone before. */
            sessionsEnded: number;

            /**
             * Encodes the specified EndSessionsResponse message. Does not implicitly {@link framegate.v1.EndSessionsResponse.verify|verify} messages.
             * @param message EndSessionsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.EndSessionsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EndSessionsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.EndSessionsResponse & framegate.v1.EndSessionsResponse.$Shape} EndSessionsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.EndSessionsResponse & framegate.v1.EndSessionsResponse.$Shape;
        }

        namespace EndSessionsResponse {

            /** Properties of an EndSessionsResponse. */
            interface $Properties {

                /** 0 when they were gone before. */
                sessionsEnded?: number;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EndSessionsResponse. */
            type $Shape = framegate.v1.EndSessionsResponse.$Properties;
        }

        /**
         * Properties of an ExportUserRequest.
         * @deprecated Use framegate.v1.ExportUserRequest.$Properties instead.
         */
        interface IExportUserRequest extends framegate.v1.ExportUserRequest.$Properties {
        }

        /** Represents an ExportUserRequest. */
        class ExportUserRequest {

            /**
             * Constructs a new ExportUserRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ExportUserRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ExportUserRequest userId. */
            userId: string;

            /** ExportUserRequest cursor. */
            cursor: string;

            /**
             * Encodes the specified ExportUserRequest message. Does not implicitly {@link framegate.v1.ExportUserRequest.verify|verify} messages.
             * @param message ExportUserRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ExportUserRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ExportUserRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ExportUserRequest & framegate.v1.ExportUserRequest.$Shape} ExportUserRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ExportUserRequest & framegate.v1.ExportUserRequest.$Shape;
        }

        namespace ExportUserRequest {

            /** Properties of an ExportUserRequest. */
            interface $Properties {

                /** ExportUserRequest userId */
                userId?: string;

                /** ExportUserRequest cursor */
                cursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ExportUserRequest. */
            type $Shape = framegate.v1.ExportUserRequest.$Properties;
        }

        /**
         * Properties of an ExportRecord.
         * @deprecated Use framegate.v1.ExportRecord.$Properties instead.
         */
        interface IExportRecord extends framegate.v1.ExportRecord.$Properties {
        }

        /** Represents an ExportRecord. */
        class ExportRecord {

            /**
             * Constructs a new ExportRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ExportRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** What it is: account, session, chat.message, notification, game … */
            kind: string;

            /** A JSON object. */
            json: string;

            /**
             * Encodes the specified ExportRecord message. Does not implicitly {@link framegate.v1.ExportRecord.verify|verify} messages.
             * @param message ExportRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ExportRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ExportRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ExportRecord & framegate.v1.ExportRecord.$Shape} ExportRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ExportRecord & framegate.v1.ExportRecord.$Shape;
        }

        namespace ExportRecord {

            /** Properties of an ExportRecord. */
            interface $Properties {

                /** What it is: account, session, chat.message, notification, game … */
                kind?: string;

                /** A JSON object. */
                json?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ExportRecord. */
            type $Shape = framegate.v1.ExportRecord.$Properties;
        }

        /**
         * Properties of an ExportUserResponse.
         * @deprecated Use framegate.v1.ExportUserResponse.$Properties instead.
         */
        interface IExportUserResponse extends framegate.v1.ExportUserResponse.$Properties {
        }

        /** Represents an ExportUserResponse. */
        class ExportUserResponse {

            /**
             * Constructs a new ExportUserResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.ExportUserResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Few or none, although there are more. */
            records: framegate.v1.ExportRecord[];

            /** Empty at the end. */
            nextCursor: string;

            /**
             * Encodes the specified ExportUserResponse message. Does not implicitly {@link framegate.v1.ExportUserResponse.verify|verify} messages.
             * @param message ExportUserResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.ExportUserResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ExportUserResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.ExportUserResponse & framegate.v1.ExportUserResponse.$Shape} ExportUserResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.ExportUserResponse & framegate.v1.ExportUserResponse.$Shape;
        }

        namespace ExportUserResponse {

            /** Properties of an ExportUserResponse. */
            interface $Properties {

                /** Few or none, although there are more. */
                records?: framegate.v1.ExportRecord.$Properties[];

                /** Empty at the end. */
                nextCursor?: string;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ExportUserResponse. */
            type $Shape = framegate.v1.ExportUserResponse.$Properties;
        }

        /**
         * Properties of a CreateUserRequest.
         * @deprecated Use framegate.v1.CreateUserRequest.$Properties instead.
         */
        interface ICreateUserRequest extends framegate.v1.CreateUserRequest.$Properties {
        }

        /** Represents a CreateUserRequest. */
        class CreateUserRequest {

            /**
             * Constructs a new CreateUserRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateUserRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateUserRequest username. */
            username: string;

            /** CreateUserRequest password. */
            password: string;

            /** CreateUserRequest email. */
            email: string;

            /** CreateUserRequest nickname. */
            nickname: string;

            /** Empty: the default role. */
            roles: string[];

            /**
             * Encodes the specified CreateUserRequest message. Does not implicitly {@link framegate.v1.CreateUserRequest.verify|verify} messages.
             * @param message CreateUserRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateUserRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateUserRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateUserRequest & framegate.v1.CreateUserRequest.$Shape} CreateUserRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateUserRequest & framegate.v1.CreateUserRequest.$Shape;
        }

        namespace CreateUserRequest {

            /** Properties of a CreateUserRequest. */
            interface $Properties {

                /** CreateUserRequest username */
                username?: string;

                /** CreateUserRequest password */
                password?: string;

                /** CreateUserRequest email */
                email?: string;

                /** CreateUserRequest nickname */
                nickname?: string;

                /** Empty: the default role. */
                roles?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateUserRequest. */
            type $Shape = framegate.v1.CreateUserRequest.$Properties;
        }

        /**
         * Properties of a CreateUserResponse.
         * @deprecated Use framegate.v1.CreateUserResponse.$Properties instead.
         */
        interface ICreateUserResponse extends framegate.v1.CreateUserResponse.$Properties {
        }

        /** Represents a CreateUserResponse. */
        class CreateUserResponse {

            /**
             * Constructs a new CreateUserResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.CreateUserResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CreateUserResponse user. */
            user: framegate.v1.User;

            /**
             * Encodes the specified CreateUserResponse message. Does not implicitly {@link framegate.v1.CreateUserResponse.verify|verify} messages.
             * @param message CreateUserResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.CreateUserResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CreateUserResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.CreateUserResponse & framegate.v1.CreateUserResponse.$Shape} CreateUserResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.CreateUserResponse & framegate.v1.CreateUserResponse.$Shape;
        }

        namespace CreateUserResponse {

            /** Properties of a CreateUserResponse. */
            interface $Properties {

                /** CreateUserResponse user */
                user?: framegate.v1.User.$Properties;

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CreateUserResponse. */
            type $Shape = framegate.v1.CreateUserResponse.$Properties;
        }

        /**
         * Properties of a UserChanged.
         * @deprecated Use framegate.v1.UserChanged.$Properties instead.
         */
        interface IUserChanged extends framegate.v1.UserChanged.$Properties {
        }

        /**
         * The user's record changed, here or elsewhere: the connection has these roles and permissions from now on. GetUserInfo
         * returns the record itself.
         */
        class UserChanged {

            /**
             * Constructs a new UserChanged.
             * @param [properties] Properties to set
             */
            constructor(properties?: framegate.v1.UserChanged.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UserChanged userId. */
            userId: string;

            /** UserChanged version. */
            version: number;

            /** UserChanged roles. */
            roles: string[];

            /** UserChanged permissions. */
            permissions: string[];

            /**
             * Encodes the specified UserChanged message. Does not implicitly {@link framegate.v1.UserChanged.verify|verify} messages.
             * @param message UserChanged message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: framegate.v1.UserChanged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UserChanged message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {framegate.v1.UserChanged & framegate.v1.UserChanged.$Shape} UserChanged
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): framegate.v1.UserChanged & framegate.v1.UserChanged.$Shape;
        }

        namespace UserChanged {

            /** Properties of a UserChanged. */
            interface $Properties {

                /** UserChanged userId */
                userId?: string;

                /** UserChanged version */
                version?: number;

                /** UserChanged roles */
                roles?: string[];

                /** UserChanged permissions */
                permissions?: string[];

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a UserChanged. */
            type $Shape = framegate.v1.UserChanged.$Properties;
        }
    }
}
