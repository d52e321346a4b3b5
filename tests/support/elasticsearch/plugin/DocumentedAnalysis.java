package kliping.tests;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.id.IndonesianStemFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.SetKeywordMarkerFilter;
import org.apache.lucene.analysis.miscellaneous.StemmerOverrideFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingCharFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The analysis components that the test server lacks, under the names and settings that Elastic's reference gives them
 * (Text analysis). Lucene does the work; only what our index and the server's own security index use is read, and a
 * setting that is not read here is refused, so that a chain that works on this server says nothing that it ignored.
 */
public class DocumentedAnalysis extends Plugin implements AnalysisPlugin {

    @Override
    public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
        return Map.of("mapping", needed((index, environment, name, settings) -> {
            only(name, settings, "mappings");
            NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
            for (String rule : settings.getAsList("mappings")) {
                String[] sides = rule.split("=>", 2);
                builder.add(sides[0].trim(), sides[1].trim());
            }
            NormalizeCharMap map = builder.build();
            return new MappingFactory(name, map);
        }));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new HashMap<>();
        filters.put("stemmer", needed((index, environment, name, settings) -> {
            only(name, settings, "language", "name");
            String language = settings.get("language", settings.get("name", ""));
            if (language.equals("indonesian") == false) {
                throw new IllegalArgumentException("this test server stems indonesian, not [" + language + "]");
            }
            return filter(name, IndonesianStemFilter::new);
        }));
        filters.put("keyword_marker", needed((index, environment, name, settings) -> {
            only(name, settings, "keywords");
            CharArraySet keywords = new CharArraySet(settings.getAsList("keywords"), false);
            return filter(name, stream -> new SetKeywordMarkerFilter(stream, keywords));
        }));
        filters.put("stemmer_override", needed((index, environment, name, settings) -> {
            only(name, settings, "rules");
            StemmerOverrideFilter.StemmerOverrideMap map = overrides(settings.getAsList("rules"));
            return filter(name, stream -> new StemmerOverrideFilter(stream, map));
        }));
        filters.put("pattern_replace", needed((index, environment, name, settings) -> {
            only(name, settings, "pattern", "replacement", "all");
            Pattern pattern = Pattern.compile(settings.get("pattern"));
            String replacement = settings.get("replacement", "");
            boolean all = settings.getAsBoolean("all", true);
            return filter(name, stream -> new PatternReplaceFilter(stream, pattern, replacement, all));
        }));
        filters.put("pattern_capture", needed((index, environment, name, settings) -> {
            only(name, settings, "patterns", "preserve_original");
            Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
            boolean original = settings.getAsBoolean("preserve_original", true);
            return filter(name, stream -> new PatternCaptureGroupTokenFilter(stream, original, patterns));
        }));
        filters.put("unique", (index, environment, name, settings) -> filter(name, RemoveDuplicatesTokenFilter::new));
        filters.put("synonym_graph", needed((index, environment, name, settings) -> {
            only(name, settings, "synonyms", "expand", "lenient");
            return new Synonyms(name, settings);
        }));
        return filters;
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of("uax_url_email", (index, environment, name, settings) -> TokenizerFactory.newFactory(name, () -> {
            UAX29URLEmailTokenizer tokenizer = new UAX29URLEmailTokenizer();
            tokenizer.setMaxTokenLength(settings.getAsInt("max_token_length", 255));
            return tokenizer;
        }));
    }

    private static <T> AnalysisProvider<T> needed(AnalysisProvider<T> provider) {
        return AnalysisPlugin.requiresAnalysisSettings(provider);
    }

    private static void only(String name, Settings settings, String... known) {
        for (String key : settings.keySet()) {
            String plain = key.replaceAll("\\.\\d+$", "");
            if (plain.equals("type") == false && List.of(known).contains(plain) == false) {
                throw new IllegalArgumentException("the test server does not know the setting [" + key + "] of [" + name + "]");
            }
        }
    }

    private static TokenFilterFactory filter(String name, UnaryOperator<TokenStream> wrap) {
        return new TokenFilterFactory() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public TokenStream create(TokenStream stream) {
                return wrap.apply(stream);
            }
        };
    }

    private static StemmerOverrideFilter.StemmerOverrideMap overrides(List<String> rules) throws IOException {
        StemmerOverrideFilter.Builder builder = new StemmerOverrideFilter.Builder(false);
        for (String rule : rules) {
            String[] sides = rule.split("=>", 2);
            for (String word : sides[0].split(",")) {
                builder.add(word.trim(), sides[1].trim());
            }
        }
        return builder.build();
    }

    private record MappingFactory(String name, NormalizeCharMap map) implements NormalizingCharFilterFactory {
        @Override
        public Reader create(Reader reader) {
            return new MappingCharFilter(map, reader);
        }
    }

    /** Its rules are read with the tokenizer and the filters that stand before it in the chain. */
    private record Synonyms(String name, Settings settings) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream stream) {
            throw new IllegalStateException("[" + name + "] knows its rules only within a chain");
        }

        @Override
        public TokenFilterFactory getChainAwareTokenFilterFactory(
            IndexCreationContext context,
            TokenizerFactory tokenizer,
            List<CharFilterFactory> charFilters,
            List<TokenFilterFactory> before,
            Function<String, TokenFilterFactory> all
        ) {
            SynonymMap map = rules(chain(tokenizer, charFilters, before));
            return filter(name, stream -> map.fst == null ? stream : new SynonymGraphFilter(stream, map, false));
        }

        private SynonymMap rules(Analyzer analyzer) {
            SolrSynonymParser parser = new SolrSynonymParser(true, settings.getAsBoolean("expand", true), analyzer);
            try (analyzer) {
                parser.parse(new StringReader(String.join("\n", settings.getAsList("synonyms"))));
                return parser.build();
            } catch (IOException | ParseException error) {
                throw new IllegalArgumentException("failed to build synonyms of [" + name + "]", error);
            }
        }

        private static Analyzer chain(
            TokenizerFactory tokenizer,
            List<CharFilterFactory> charFilters,
            List<TokenFilterFactory> before
        ) {
            return new Analyzer() {
                @Override
                protected Reader initReader(String field, Reader reader) {
                    for (CharFilterFactory each : charFilters) {
                        reader = each.create(reader);
                    }
                    return reader;
                }

                @Override
                protected TokenStreamComponents createComponents(String field) {
                    Tokenizer start = tokenizer.create();
                    TokenStream stream = start;
                    for (TokenFilterFactory each : before) {
                        stream = each.getSynonymFilter().create(stream);
                    }
                    return new TokenStreamComponents(start, stream);
                }
            };
        }
    }
}
